/* What OpenSSL's libcrypto says of one signature: its digest, its certificate's chain, its time stamp, and whether a
   certificate was revoked as far as that can be told without a network. Plain functions with plain arguments. */
#ifndef CSIGNATURE_H
#define CSIGNATURE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} csig_bytes;

/* What is known beforehand: certificates that are trusted, and what is told about certificates. */
typedef struct csig_case csig_case;

/* Call once before anything else, in a process that does nothing but this: OpenSSL reads no configuration file. */
void csig_setup(void);

/* Returns NULL without memory. */
csig_case *csig_case_new(void);
void csig_case_free(csig_case *known);

/* Certificates that are trusted as they are, as PEM (any number) or DER (one). Returns how many there were. */
int csig_case_add_roots(csig_case *known, csig_bytes file);
/* Lists of revoked certificates, as PEM (any number) or DER (one). Returns how many there were. */
int csig_case_add_crls(csig_case *known, csig_bytes file);
/* A certificate, list or OCSP answer from anywhere, as DER: it is believed as far as its signature goes. Returns
   whether it was one. */
int csig_case_add_found(csig_case *known, csig_bytes der);

typedef enum {
  CSIG_DETACHED, /* a CMS signature over the bytes */
  CSIG_SHA1,     /* a CMS signature over the SHA-1 of the bytes */
  CSIG_STAMP     /* a time stamp over the bytes (RFC 3161) */
} csig_kind;

typedef struct {
  csig_kind kind;
  csig_bytes contents;      /* DER, zeros may follow */
  csig_bytes before, after; /* what is signed: one after the other */
  int64_t now;              /* seconds since 1970 */
  int64_t proven;           /* when it was there already, as others prove; 0 when nobody does */
} csig_question;

typedef enum { CSIG_INTACT, CSIG_CHANGED, CSIG_MALFORMED, CSIG_UNSUPPORTED } csig_integrity;

typedef enum {
  CSIG_TRUST_UNKNOWN, /* not looked at */
  CSIG_TRUSTED,
  CSIG_ROOT_UNKNOWN,
  CSIG_EXPIRED,
  CSIG_NOT_YET_VALID,
  CSIG_WRONG_USAGE,
  CSIG_WEAK,         /* a certificate's key or digest */
  CSIG_CHAIN_BROKEN, /* anything else */
  CSIG_NO_ROOTS
} csig_trust;

typedef enum {
  CSIG_REVOCATION_UNKNOWN, /* no chain to ask about */
  CSIG_GOOD,
  CSIG_REVOKED,
  CSIG_NO_WORD,        /* nothing about the signer */
  CSIG_OLD_WORD,       /* not new enough */
  CSIG_NO_WORD_ISSUER  /* the signer is good, an authority above is not told of */
} csig_revocation;

typedef enum {
  CSIG_STAMP_NONE,
  CSIG_STAMP_VALID,
  CSIG_STAMP_VALID_THEN, /* the certificate has expired since */
  CSIG_STAMP_OTHER,      /* of something else */
  CSIG_STAMP_UNTRUSTED,
  CSIG_STAMP_BROKEN
} csig_stamp;

typedef struct {
  csig_integrity integrity;
  csig_trust trust;
  csig_revocation revocation;
  csig_stamp stamp;
  int is_weak;         /* the digest can be made for another content */
  int names_signer;    /* 1: the signature says by which certificate, 0: it does not */
  int64_t claimed_at;  /* as the signature says; 0 when it does not */
  int64_t stamped_at;  /* as the time stamp says; 0 without */
  int64_t revoked_at;  /* 0 when it was not */
  char reason[96];     /* why it is malformed or unsupported; no content */
  char name[256];      /* UTF-8, like the next two; empty when the certificate has none */
  char organisation[256];
  char issuer[256];
  char serial[80]; /* hexadecimal */
  char digest[32]; /* SHA256 */
} csig_answer;

void csig_verify(csig_case *known, const csig_question *question, csig_answer *answer);

#endif
