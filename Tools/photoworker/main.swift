// Makes uploaded photos small and harmless, away from the service: image decoders are where foreign bytes do most harm.
// Usage: a parent feeds it through stdin and stdout, one photo after the other, until it closes stdin.
//   at start:  2, UInt32 n, n bytes: what the kernel keeps this process from                (numbers big-endian)
//   request:   UInt32 longest edge in pixels, UInt32 n, n bytes
//   size:      3, UInt32 width, UInt32 height, as the header says; the parent answers 1 to have it decoded, else 0
//   answer:    0, UInt32 width, UInt32 height, UInt32 n, n bytes of JPEG; nothing after a 0 of the parent
//              1, UInt32 n, n bytes of code, UInt32 m, m bytes of English text
internal import CVips
internal import Glibc

Limits.apply()
if CommandLine.arguments.dropFirst().first == "attempts" {
    exit(Output.write(Array(Attempt.report().utf8)) ? 0 : 74)
}
guard cv_start("photoworker") == 0 else { exit(70) }
var confinement = Confinement.leaveSurroundings()
guard Shrink.once() else { exit(70) }
confinement.allowOnlyDecoding()
guard Output.hello(confinement.posture) else { exit(74) }
while let request = Request.read() {
    Limits.allowOnePhoto()
    guard Shrink(request).answer(ifAllowed: Output.maySpend).write() else { exit(74) }
}
