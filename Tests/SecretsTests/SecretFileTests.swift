import Secrets
import TestKit
import Testing

@Suite struct SecretFileTests {
    @Test(arguments: [
        ("p4ss word", "p4ss word"), ("p4ss word\n", "p4ss word"), ("p4ss word\r\n", "p4ss word"), ("a\n\n", "a\n"), (" 密码 \n", " 密码 "),
    ]) func `the whole text is the secret, one line end at its end is not`(_ content: String, _ secret: String) throws {
        try SecretFiles.with(.init("", Array(content.utf8))) { path in
            let text = try SecretFile.read(path)
            #expect(text == secret)
        }
    }

    @Test(arguments: SecretFiles.bad) func `a file that gives no secret is named with what is wrong, never with what is in it`(
        _ bad: SecretFiles.Bad
    ) throws {
        try SecretFiles.with(bad) { path in
            let error = #expect(throws: SecretFile.Failure.self) { try SecretFile.read(path) }
            #expect(error?.description == "\(path) \(bad.reason)")
        }
    }
}
