/// Line icons that inherit the colour and size of the text; always beside words, so hidden from assistive technology.
public enum Icon {
    public static let camera = drawn(
        "<path d=\"M4 8h3l1.6-2.4h6.8L17 8h3a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 20H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 8z\"/><circle cx=\"12\" cy=\"13.5\" r=\"3.6\"/>"
    )
    public static let album = drawn(
        "<rect x=\"3\" y=\"4.5\" width=\"18\" height=\"15\" rx=\"2\"/><path d=\"m3.5 17 5-5 4 4 3-3 5 4.5\"/><circle cx=\"15.5\" cy=\"9\" r=\"1.4\"/>"
    )
    public static let check = drawn("<path d=\"m5 12.5 4.6 4.6L19.5 7\"/>")
    public static let clock = drawn("<circle cx=\"12\" cy=\"12\" r=\"8.5\"/><path d=\"M12 7v5.3l3.4 2\"/>")
    public static let phone = drawn(
        "<path d=\"M6 3.5h3.2l1.6 4.4-2.2 1.7a12 12 0 0 0 5.8 5.8l1.7-2.2 4.4 1.6V18a2.5 2.5 0 0 1-2.7 2.5A16.5 16.5 0 0 1 3.5 6.2 2.5 2.5 0 0 1 6 3.5z\"/>"
    )
    public static let place = drawn(
        "<path d=\"M12 21s-7-6.2-7-11.3a7 7 0 0 1 14 0C19 14.8 12 21 12 21z\"/><circle cx=\"12\" cy=\"9.8\" r=\"2.5\"/>")
    public static let whistle = drawn(
        "<circle cx=\"9\" cy=\"14.5\" r=\"5.5\"/><circle cx=\"9\" cy=\"14.5\" r=\"1.6\"/><path d=\"M9 9h12.5v3.6h-5L14.4 15M14 4.2 13.3 6M18 3.8V6\"/>"
    )
    public static let warning = drawn("<path d=\"M12 3.8 22 20.5H2z\"/><path d=\"M12 10v4.6M12 17.4v.2\"/>")
    public static let forward = drawn("<path d=\"m9.5 5.5 6.5 6.5-6.5 6.5\"/>")

    private static func drawn(_ shapes: HTML) -> HTML {
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\">\(shapes)</svg>"
    }
}
