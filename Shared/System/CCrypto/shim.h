#pragma once
// libcrypto 3.0. Low-level SHA-256 is marked deprecated since 3.0 but kept; it is used on purpose (see Shared/Crypto/SHA256.swift).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// Macros of the library that Swift does not import.
static inline int cc_ed25519(void) { return EVP_PKEY_ED25519; }
static inline int cc_x25519(void) { return EVP_PKEY_X25519; }
