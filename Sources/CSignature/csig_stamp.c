#include <openssl/err.h>
#include <openssl/ts.h>

#include "csig_inside.h"

static csig_stamp check(TS_VERIFY_CTX *context, PKCS7 *token) {
  ERR_clear_error();
  if (TS_RESP_verify_token(context, token) == 1) return CSIG_STAMP_VALID;
  csig_stamp stamp = CSIG_STAMP_BROKEN;
  for (unsigned long error; (error = ERR_get_error()) != 0;) {
    if (ERR_GET_LIB(error) != ERR_LIB_TS) continue;
    if (ERR_GET_REASON(error) == TS_R_MESSAGE_IMPRINT_MISMATCH) stamp = CSIG_STAMP_OTHER;
    if (ERR_GET_REASON(error) == TS_R_CERTIFICATE_VERIFY_ERROR) stamp = CSIG_STAMP_UNTRUSTED;
  }
  return stamp;
}

static csig_stamp imprint(PKCS7 *token, BIO *data) {
  TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
  if (context == NULL) return CSIG_STAMP_BROKEN;
  TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_DATA);
  TS_VERIFY_CTX_set_data(context, data);
  csig_stamp stamp = check(context, token);
  TS_VERIFY_CTX_set_data(context, NULL); /* it is the caller's */
  TS_VERIFY_CTX_free(context);
  return stamp;
}

static csig_stamp signature(const csig_case *known, PKCS7 *token, STACK_OF(X509) *extra, int64_t time) {
  TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
  if (context == NULL) return CSIG_STAMP_BROKEN;
  STACK_OF(X509) *others = X509_chain_up_ref(known->others);
  for (int index = 0; others != NULL && index < sk_X509_num(extra); index++) {
    X509 *certificate = sk_X509_value(extra, index);
    if (X509_up_ref(certificate) == 1 && sk_X509_push(others, certificate) <= 0) X509_free(certificate);
  }
  TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_SIGNATURE);
  TS_VERIFY_CTX_set_certs(context, others);
  TS_VERIFY_CTX_set_store(context, csig_store(known, time));
  csig_stamp stamp = check(context, token);
  TS_VERIFY_CTX_free(context);
  return stamp;
}

static X509 *signer_of(PKCS7 *token) {
  STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
  X509 *signer = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
  if (signer != NULL && X509_up_ref(signer) != 1) signer = NULL;
  sk_X509_free(signers);
  return signer;
}

csig_stamp csig_stamp_verify(const csig_case *known, csig_bytes bytes, STACK_OF(X509) *extra, BIO *data, int64_t now,
    int64_t *time, X509 **signer) {
  const unsigned char *position = bytes.bytes;
  PKCS7 *token = d2i_PKCS7(NULL, &position, (long)bytes.count);
  TS_TST_INFO *info = token == NULL || !PKCS7_type_is_signed(token) ? NULL : PKCS7_to_TS_TST_INFO(token);
  csig_stamp stamp = CSIG_STAMP_BROKEN;
  *signer = NULL;
  if (info != NULL && csig_is_padding(position, bytes.bytes + bytes.count)
      && sk_X509_num(token->d.sign->cert) <= CSIG_FOUND_MAX && csig_seconds(TS_TST_INFO_get_time(info), time)) {
    *signer = signer_of(token);
    stamp = imprint(token, data);
    if (stamp == CSIG_STAMP_VALID) stamp = signature(known, token, extra, now);
    /* Who stamped may have expired since, which says nothing against what was stamped before. */
    if (stamp == CSIG_STAMP_UNTRUSTED && *time < now && signature(known, token, extra, *time) == CSIG_STAMP_VALID) {
      stamp = CSIG_STAMP_VALID_THEN;
    }
    if (*time > now + CSIG_CLOCK_SLACK) stamp = CSIG_STAMP_BROKEN;
  }
  TS_TST_INFO_free(info);
  PKCS7_free(token);
  ERR_clear_error();
  return stamp;
}
