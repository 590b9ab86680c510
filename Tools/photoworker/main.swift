// Makes uploaded photos small and harmless, away from the service: image decoders are where foreign bytes do most harm.
// Usage: a parent feeds it through stdin and stdout, one photo after the other, until it closes stdin.
//   request: UInt32 longest edge in pixels, UInt32 n, n bytes                              (numbers big-endian)
//   answer:  0, UInt32 width, UInt32 height, UInt32 n, n bytes of JPEG
//            1, UInt32 n, n bytes of code, UInt32 m, m bytes of English text
internal import CVips
internal import Glibc

Limits.apply()
guard cv_start("photoworker") == 0 else { exit(70) }
while let request = Request.read() {
    Limits.allowOnePhoto()
    guard Shrink(request).answer().write() else { exit(74) }
}
