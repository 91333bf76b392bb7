/* What the files of this folder share. */
#ifndef CSIG_INSIDE_H
#define CSIG_INSIDE_H

#include <openssl/cms.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "CSignature.h"

/* Most certificates, lists and answers that are taken of one file. */
#define CSIG_FOUND_MAX 512
/* A clock that is so many seconds ahead is not a lie. */
#define CSIG_CLOCK_SLACK 300

struct csig_case {
  STACK_OF(X509) *roots;
  STACK_OF(X509) *others;
  STACK_OF(X509_CRL) *crls;
  OCSP_BASICRESP *answers[CSIG_FOUND_MAX];
  int answer_count;
};

/* Returns 0 when it is no time. */
int csig_seconds(const ASN1_TIME *time, int64_t *seconds);

/* The roots, with a moment at which all is judged. */
X509_STORE *csig_store(const csig_case *known, int64_t time);

/* A BIO from which one piece of memory can be read after the other, nothing being copied. */
BIO *csig_pieces(csig_bytes first, csig_bytes second);

/* Builds the chain of a certificate; `extra` may be NULL. `*chain` is to be freed when it is not NULL. */
csig_trust csig_chain(const csig_case *known, X509 *signer, STACK_OF(X509) *extra, int64_t time,
  STACK_OF(X509) **chain);

/* Whether a certificate of the chain was revoked before `time`; when that is not `proven`, at any time. */
csig_revocation csig_revoked(const csig_case *known, STACK_OF(X509) *chain, int64_t time, int proven, int64_t now,
  int64_t *revoked_at);

/* Verifies a time stamp of what `data` gives. `*signer` may be NULL, else is to be freed. */
csig_stamp csig_stamp_verify(const csig_case *known, csig_bytes token, STACK_OF(X509) *extra, BIO *data, int64_t now,
  int64_t *time, X509 **signer);

/* Who signed. */
void csig_describe(X509 *signer, csig_answer *answer);

/* Whether nothing but zeros lies between them. */
int csig_is_padding(const unsigned char *from, const unsigned char *until);

#endif
