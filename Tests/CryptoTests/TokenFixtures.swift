/// Tokens and keys minted by Node's own cryptography; the private keys are gone. `now` for all of them is 1 795 230 100.
enum TokenFixtures {
    static let rsa =
        "{\"kty\":\"RSA\",\"n\":\"vpfMeEh1x7NnojZZrwL1GoAZoMvTXcMyxyj2MaeqVDfozpsCioVLBW8Na2sB_Qc7uwB3ubeOxhVdB---9rHqKNaB0e2-"
        + "4SbxyKiYyfdKboO6Tb-yDtGUt-URG6CZoK4qxmb0pAqNoRF_qDJX0tZLk8meomiEr4giOat1Afxo_Z6aOwM8qyRJLPI8pDgRqDEUdadEBZyD5m"
        + "z2wgzFBoBI_O9bZ8h_KIHM_9kFgcwVc6KEBQkW-FlId3GV8O1R2EvockR5PZhv_PSHGnYp19FsJUdsZHPyF-hWIImUadseZnECaqfpO7VjFZc3"
        + "z2861ogvCQzxLdrW7bWlK-nhVBQVyQ\",\"e\":\"AQAB\",\"kid\":\"r1\",\"use\":\"sig\",\"alg\":\"RS256\"}"
    static let ec =
        "{\"kty\":\"EC\",\"x\":\"hrKwTiXzqNtQAZpE81uDzw4qvwKmzd5yCo8seZ_qQYk\",\"y\":\"aV7vsPYxJcfrndoCgjZs17yKi8nZ3fwfPat1OYPZwPA"
        + "\",\"crv\":\"P-256\",\"kid\":\"e1\",\"use\":\"sig\"}"
    static let weak =
        "{\"kty\":\"RSA\",\"n\":\"7-jNIE2kVY8nCG1KnD532JM_rVf2df-gkT09-RoOMnpwFWnSo1mEHjv44x6tvr2HFZG0fX5WyTnw2dOIk9XHL1_nssRZ"
        + "3632sO6S8_GMnB3A4erLfQSxl7PnzUz_RV1M_2CQp1h6GblzSdyK8NpnUussa4cRYt9d2N-XKafOjak\",\"e\":\"AQAB\",\"kid\":\"w1\",\"use\":\""
        + "sig\"}"
    static let rs256 =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvcmVhbG0iLCJhdWQiOlsiYW"
        + "Njb3VudCIsInNoYW8iXSwic3ViIjoidS0xIiwiZXhwIjoxODAwMDAwMDAwLCJpYXQiOjE3OTUyMzAwMDAsInJlYWxtX2FjY2VzcyI6eyJyb2xl"
        + "cyI6WyJkaXNwYXRjaGVyIiwic3RyZWV0Il19fQ.oZAiqIN6GG1qe59q-TuBbQ_OGkBwhwVUR-gmg-DwuwXukD62tDBIfCjuT8KYsPw3tbsFUIe"
        + "VWTTixaeqwfKd7XMyhhKM3CWQQOsczt8WSlJXaEOLthK8KZOGX9Kx59PL2DgOKStoaf96wWTvS25CuOk8VDCySAzfritOzzfKMgnzTJYYz0f27"
        + "FGR2d-xVBQgtjqhvzM-JBkfLd6LZdqXlznW_ErYsPgMQ3FafRaP0MPeb4GAH0jwFy_ZK9gvI81C4oZnMaBKu9fe8DE0wWSWlUC9Wt_b8SsBvf_"
        + "_Wd6LX7DZkvcKoYxOGjYeV2jhp9I9juJpaU1gZzmyaqw6XPCzNA"
    static let es256 =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvcmVhbG0iLCJhdWQiOl"
        + "siYWNjb3VudCIsInNoYW8iXSwic3ViIjoidS0xIiwiZXhwIjoxODAwMDAwMDAwLCJpYXQiOjE3OTUyMzAwMDAsInJlYWxtX2FjY2VzcyI6eyJy"
        + "b2xlcyI6WyJkaXNwYXRjaGVyIiwic3RyZWV0Il19fQ.2SeaBB7u_KPZc03tqHj_jdyA7uvYY2srh-ygXcujc95VmcuBeloMdwKmg2FS03WqIjd"
        + "LYZe5majiDjkns-Yg8w"
    static let es256InDER =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvcmVhbG0iLCJhdWQiOlsiYWNjb3VudCIsInNoYW"
        + "8iXSwic3ViIjoidS0xIiwiZXhwIjoxODAwMDAwMDAwLCJpYXQiOjE3OTUyMzAwMDAsInJlYWxtX2FjY2VzcyI6eyJyb2xlcyI6WyJkaXNwYXRj"
        + "aGVyIiwic3RyZWV0Il19fQ.MEYCIQD7j2jz2D9CD8MqL-gSInvRjeLurVhzEGlrNqUeep-NGgIhALFLj7ltwyYMM3du3uUDKyL8KmqIYo2-mSH"
        + "UWdQH4W_P"
    static let ps256 =
        "eyJhbGciOiJQUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvcmVhbG0iLCJhdWQiOlsiYWNjb3VudCIsInNoYW"
        + "8iXSwic3ViIjoidS0xIiwiZXhwIjoxODAwMDAwMDAwLCJpYXQiOjE3OTUyMzAwMDAsInJlYWxtX2FjY2VzcyI6eyJyb2xlcyI6WyJkaXNwYXRj"
        + "aGVyIiwic3RyZWV0Il19fQ.FYDUNZqYh3NZ1HPBcTLnjf3MZfGA9Zz3OAzOwuYK6MgqHNh516vUHrrPr6lax9uPHv_vZRq4tAlnpoVKyegbLTx"
        + "em_Hq1xVPOnaJ7ZMsHQ1PlTeg6ZRRtD0mYk3dM85mehQu6SGEkvSVSeMwG9dGlJbYODwjh6eQ7yStNBxyP-ihdlecYwK2M-oWe1SqEKCi70fen"
        + "Ito-X5IabbabUNKyB2cF8NmrQ4Bn5ZQoQFDlJwIaE3MddvZZVtzs-DF7mv5FGEviO_yodGjS3obgTbPRsm6EI9Zk2qzNhCIe1cZ_WiDhHqaJk_"
        + "Wx8MTqwjcnsmv0lFB7KpLb1CKDTN8I0ETrw"
    static let weakRS256 =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IncxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvcmVhbG0iLCJhdWQiOlsiYWNjb3VudCIsInNoYW"
        + "8iXSwic3ViIjoidS0xIiwiZXhwIjoxODAwMDAwMDAwLCJpYXQiOjE3OTUyMzAwMDAsInJlYWxtX2FjY2VzcyI6eyJyb2xlcyI6WyJkaXNwYXRj"
        + "aGVyIiwic3RyZWV0Il19fQ.n71wd0zI3dkFQpNec1R1m8s-GstfqmcKMVDPy9X-lWZVUhbF_AQX5gXYWn4VpJVVEVG_zCU4AFvXGG4u1oTqxDo"
        + "xEj8gLPlgBBdFMxWLdDYWdDEaODILD00e_sNZLPYBOg2MW1FDtghtLUpxN7swzq2tHFQb99Z2aOCqMH0_AAI"
}
