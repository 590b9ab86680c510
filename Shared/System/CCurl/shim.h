#pragma once
// libcurl 7.88: setopt, getinfo and multi_setopt are variadic, so Swift gets a typed door per kind of argument.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }
static inline CURLcode ccurl_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_size(CURL *h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_text(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_bytes(CURL *h, const void *v) { return curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS, v); }
static inline CURLcode ccurl_list(CURL *h, CURLoption o, struct curl_slist *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_mime(CURL *h, curl_mime *v) { return curl_easy_setopt(h, CURLOPT_MIMEPOST, v); }
static inline CURLcode ccurl_data(CURL *h, CURLoption o, curl_write_callback f) { return curl_easy_setopt(h, o, f); }
static inline CURLcode ccurl_open(CURL *h, curl_opensocket_callback f) { return curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, f); }
static inline CURLcode ccurl_listen(CURL *h, curl_debug_callback f) { return curl_easy_setopt(h, CURLOPT_DEBUGFUNCTION, f); }
static inline CURLMcode ccurl_multi_long(CURLM *m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }

static inline long ccurl_response_code(CURL *h) {
    long code = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/// Bytes of the upload that were sent, and how many it has; -1 for what is not known.
static inline curl_off_t ccurl_uploaded(CURL *h) {
    curl_off_t bytes = -1;
    curl_easy_getinfo(h, CURLINFO_SIZE_UPLOAD_T, &bytes);
    return bytes;
}

static inline curl_off_t ccurl_upload_size(CURL *h) {
    curl_off_t bytes = -1;
    curl_easy_getinfo(h, CURLINFO_CONTENT_LENGTH_UPLOAD_T, &bytes);
    return bytes;
}

/// The next finished transfer and its result; NULL when there is none.
static inline CURL *ccurl_finished(CURLM *m, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(m, &left));)
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    return NULL;
}

static inline size_t ccurl_pause(void) { return CURL_WRITEFUNC_PAUSE; }
static inline curl_socket_t ccurl_no_socket(void) { return CURL_SOCKET_BAD; }
static inline long ccurl_tls12(void) { return CURL_SSLVERSION_TLSv1_2; }
static inline long ccurl_require_tls(void) { return CURLUSESSL_ALL; }
