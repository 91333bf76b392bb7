#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/ts.h>
#include <string.h>

#include "csig_inside.h"

static void malformed(csig_answer *answer, const char *reason) {
  answer->integrity = CSIG_MALFORMED;
  OPENSSL_strlcpy(answer->reason, reason, sizeof answer->reason);
}

/* MARK: what a signature says of itself */

static const ASN1_STRING *signed_value(CMS_SignerInfo *info, const ASN1_OBJECT *object, int type) {
  return CMS_signed_get0_data_by_OBJ(info, object, -3, type);
}

static void read_claimed_time(CMS_SignerInfo *info, csig_answer *answer) {
  const ASN1_OBJECT *object = OBJ_nid2obj(NID_pkcs9_signingTime);
  const ASN1_STRING *time = signed_value(info, object, V_ASN1_UTCTIME);
  if (time == NULL) time = signed_value(info, object, V_ASN1_GENERALIZEDTIME);
  csig_seconds((const ASN1_TIME *)time, &answer->claimed_at);
}

/* The signed content type must be that of the content: else a signature over one kind of thing passes for another. */
static int is_of_its_type(CMS_ContentInfo *cms, CMS_SignerInfo *info) {
  if (CMS_signed_get_attr_count(info) < 0) return 1;
  const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);
  return type != NULL && OBJ_cmp(type, CMS_get0_eContentType(cms)) == 0;
}

/* 1: it names the certificate by which it was made; 0: it names none; -1: it names another. */
static int names_signer(CMS_SignerInfo *info, X509 *signer, STACK_OF(X509) *certificates) {
  ESS_SIGNING_CERT *first = NULL;
  ESS_SIGNING_CERT_V2 *second = NULL;
  const ASN1_STRING *value = signed_value(info, OBJ_nid2obj(NID_id_smime_aa_signingCertificate), V_ASN1_SEQUENCE);
  if (value != NULL) {
    const unsigned char *position = ASN1_STRING_get0_data(value);
    first = d2i_ESS_SIGNING_CERT(NULL, &position, ASN1_STRING_length(value));
    if (first == NULL) return -1;
  }
  value = signed_value(info, OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2), V_ASN1_SEQUENCE);
  if (value != NULL) {
    const unsigned char *position = ASN1_STRING_get0_data(value);
    second = d2i_ESS_SIGNING_CERT_V2(NULL, &position, ASN1_STRING_length(value));
  }
  int verdict = value != NULL && second == NULL ? -1 : 0;
  STACK_OF(X509) *chain = sk_X509_new_null();
  if (verdict == 0 && (first != NULL || second != NULL)) {
    verdict = -1;
    if (chain != NULL && sk_X509_push(chain, signer) > 0) {
      for (int index = 0; index < sk_X509_num(certificates); index++) {
        sk_X509_push(chain, sk_X509_value(certificates, index));
      }
      if (OSSL_ESS_check_signing_certs(first, second, chain, 1) == 1) verdict = 1;
    }
  }
  sk_X509_free(chain);
  ESS_SIGNING_CERT_free(first);
  ESS_SIGNING_CERT_V2_free(second);
  return verdict;
}

/* Adobe's attribute: SEQUENCE { [0] SEQUENCE OF list, [1] SEQUENCE OF OCSP answer, [2] others }. */
static void keep_archived(csig_case *known, CMS_SignerInfo *info) {
  ASN1_OBJECT *object = OBJ_txt2obj("1.2.840.113583.1.1.8", 1);
  const ASN1_STRING *value = object == NULL ? NULL : signed_value(info, object, V_ASN1_SEQUENCE);
  if (value != NULL) {
    const unsigned char *position = ASN1_STRING_get0_data(value);
    const unsigned char *end = position + ASN1_STRING_length(value);
    long length = 0;
    int tag = 0, class = 0;
    if ((ASN1_get_object(&position, &length, &tag, &class, end - position) & 0x81) == 0) {
      /* Into each bracket and its sequence, then from one member to the next: nothing is deeper. */
      while (position < end) {
        const unsigned char *start = position;
        if (ASN1_get_object(&position, &length, &tag, &class, end - position) & 0x81) break;
        if (class == V_ASN1_CONTEXT_SPECIFIC) {
          if (tag > 1 || (ASN1_get_object(&position, &length, &tag, &class, end - position) & 0x81)) break;
          continue;
        }
        position += length;
        csig_case_add_found(known, (csig_bytes){start, (size_t)(position - start)});
      }
    }
  }
  ASN1_OBJECT_free(object);
  ERR_clear_error();
}

static void read_digest(CMS_SignerInfo *info, csig_answer *answer) {
  X509_ALGOR *algorithm = NULL;
  const ASN1_OBJECT *object = NULL;
  CMS_SignerInfo_get0_algs(info, NULL, NULL, &algorithm, NULL);
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  const EVP_MD *digest = EVP_get_digestbyobj(object);
  if (digest == NULL) {
    answer->integrity = CSIG_UNSUPPORTED;
    OPENSSL_strlcpy(answer->reason, "digest", sizeof answer->reason);
    return;
  }
  OPENSSL_strlcpy(answer->digest, EVP_MD_get0_name(digest), sizeof answer->digest);
  int type = EVP_MD_get_type(digest);
  answer->is_weak |= type == NID_sha1 || EVP_MD_get_size(digest) <= 20;
}

/* MARK: the bytes */

static int hash(csig_bytes before, csig_bytes after, const EVP_MD *digest, unsigned char *room, unsigned *count) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int is_done = context != NULL && EVP_DigestInit_ex(context, digest, NULL) == 1
      && EVP_DigestUpdate(context, before.bytes, before.count) == 1
      && EVP_DigestUpdate(context, after.bytes, after.count) == 1 && EVP_DigestFinal_ex(context, room, count) == 1;
  EVP_MD_CTX_free(context);
  return is_done;
}

static int is_signed(CMS_ContentInfo *cms, const csig_question *question) {
  unsigned flags = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY;
  if (question->kind == CSIG_DETACHED) {
    BIO *data = csig_pieces(question->before, question->after);
    int is_signed = data != NULL && CMS_verify(cms, NULL, NULL, data, NULL, flags) == 1;
    BIO_free(data);
    return is_signed;
  }
  unsigned char own[EVP_MAX_MD_SIZE];
  unsigned count = 0;
  if (!hash(question->before, question->after, EVP_sha1(), own, &count)) return 0;
  BIO *said = BIO_new(BIO_s_mem());
  char *bytes = NULL;
  int is_signed = said != NULL && CMS_verify(cms, NULL, NULL, NULL, said, flags) == 1
      && BIO_get_mem_data(said, &bytes) == (long)count && memcmp(bytes, own, count) == 0;
  BIO_free(said);
  return is_signed;
}

/* MARK: one signature */

static void look_at_stamp(csig_case *known, const csig_question *question, CMS_SignerInfo *info, STACK_OF(X509) *extra,
    csig_answer *answer) {
  ASN1_OBJECT *object = OBJ_nid2obj(NID_id_smime_aa_timeStampToken);
  if (CMS_unsigned_get_attr_by_OBJ(info, object, -1) < 0) return;
  const ASN1_STRING *token = CMS_unsigned_get0_data_by_OBJ(info, object, -3, V_ASN1_SEQUENCE);
  const ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(info);
  answer->stamp = CSIG_STAMP_BROKEN;
  if (token == NULL || signature == NULL) return;
  csig_bytes none = {NULL, 0}, bytes = {ASN1_STRING_get0_data(token), (size_t)ASN1_STRING_length(token)};
  csig_bytes stamped = {ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature)};
  BIO *data = csig_pieces(stamped, none);
  if (data == NULL) return;
  X509 *signer = NULL;
  int64_t time = 0;
  answer->stamp = csig_stamp_verify(known, bytes, extra, data, question->now, &time, &signer);
  BIO_free(data);
  if (answer->stamp == CSIG_STAMP_VALID || answer->stamp == CSIG_STAMP_VALID_THEN) {
    answer->stamped_at = time;
    STACK_OF(X509) *chain = NULL;
    int64_t revoked = 0;
    csig_chain(known, signer, extra, time, &chain);
    if (csig_revoked(known, chain, time, 1, question->now, &revoked) == CSIG_REVOKED) {
      answer->stamp = CSIG_STAMP_UNTRUSTED;
      answer->stamped_at = 0;
    }
    sk_X509_pop_free(chain, X509_free);
  }
  X509_free(signer);
}

static void judge(csig_case *known, const csig_question *question, X509 *signer, STACK_OF(X509) *extra,
    csig_answer *answer) {
  int64_t time = question->now;
  if (question->proven > 0 && question->proven < time) time = question->proven;
  if (answer->stamped_at > 0 && answer->stamped_at < time) time = answer->stamped_at;
  STACK_OF(X509) *chain = NULL;
  answer->trust = csig_chain(known, signer, extra, time, &chain);
  answer->revocation = csig_revoked(known, chain, time, question->proven > 0 || answer->stamped_at > 0, question->now,
    &answer->revoked_at);
  sk_X509_pop_free(chain, X509_free);
}

static void verify_signer(csig_case *known, const csig_question *question, CMS_ContentInfo *cms, csig_answer *answer) {
  CMS_SignerInfo *info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
  STACK_OF(X509) *certificates = CMS_get1_certs(cms);
  STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);
  X509 *signer = NULL;
  CMS_set1_signers_certs(cms, known->others, 0);
  CMS_SignerInfo_get0_algs(info, NULL, &signer, NULL, NULL);
  read_claimed_time(info, answer);
  read_digest(info, answer);
  if (answer->integrity == CSIG_UNSUPPORTED) {
  } else if (sk_X509_num(certificates) > CSIG_FOUND_MAX || sk_X509_CRL_num(crls) > CSIG_FOUND_MAX) {
    malformed(answer, "too many certificates");
  } else if (signer == NULL) {
    malformed(answer, "no certificate of the signer");
  } else if (!is_of_its_type(cms, info)) {
    malformed(answer, "content type");
  } else {
    csig_describe(signer, answer);
    int named = names_signer(info, signer, certificates);
    answer->names_signer = named > 0;
    if (named < 0) {
      malformed(answer, "names another certificate");
    } else {
      answer->integrity = is_signed(cms, question) ? CSIG_INTACT : CSIG_CHANGED;
      for (int index = 0; index < sk_X509_CRL_num(crls); index++) {
        X509_CRL *crl = sk_X509_CRL_value(crls, index);
        if (X509_CRL_up_ref(crl) == 1 && sk_X509_CRL_push(known->crls, crl) <= 0) X509_CRL_free(crl);
      }
      keep_archived(known, info);
      look_at_stamp(known, question, info, certificates, answer);
      judge(known, question, signer, certificates, answer);
    }
  }
  sk_X509_pop_free(certificates, X509_free);
  sk_X509_CRL_pop_free(crls, X509_CRL_free);
}

static void verify_cms(csig_case *known, const csig_question *question, csig_answer *answer) {
  const unsigned char *position = question->contents.bytes, *end = position + question->contents.count;
  CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &position, (long)question->contents.count);
  if (cms == NULL || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) {
    malformed(answer, "no signed data");
  } else if (!csig_is_padding(position, end)) {
    malformed(answer, "bytes after the signature");
  } else if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) != 1) {
    malformed(answer, "not one signer");
  } else {
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    int has_content = content != NULL && *content != NULL && ASN1_STRING_length(*content) > 0;
    if (has_content != (question->kind == CSIG_SHA1) || OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data) {
      malformed(answer, "content");
    } else {
      verify_signer(known, question, cms, answer);
    }
  }
  CMS_ContentInfo_free(cms);
}

static void verify_stamp(csig_case *known, const csig_question *question, csig_answer *answer) {
  X509 *signer = NULL;
  int64_t time = 0;
  BIO *data = csig_pieces(question->before, question->after);
  if (data == NULL) return malformed(answer, "memory");
  answer->stamp = csig_stamp_verify(known, question->contents, NULL, data, question->now, &time, &signer);
  BIO_free(data);
  answer->names_signer = 1; /* OpenSSL takes no time stamp that does not */
  if (signer != NULL) csig_describe(signer, answer);
  switch (answer->stamp) {
  case CSIG_STAMP_NONE:
  case CSIG_STAMP_BROKEN: malformed(answer, "time stamp"); break;
  case CSIG_STAMP_OTHER: answer->integrity = CSIG_CHANGED; break;
  case CSIG_STAMP_VALID:
  case CSIG_STAMP_VALID_THEN: answer->stamped_at = time; /* falls through */
  case CSIG_STAMP_UNTRUSTED: answer->integrity = CSIG_INTACT; break;
  }
  if (answer->integrity == CSIG_INTACT) {
    STACK_OF(X509) *chain = NULL;
    answer->trust = csig_chain(known, signer, NULL, time < question->now ? time : question->now, &chain);
    answer->revocation =
      csig_revoked(known, chain, time, answer->stamped_at > 0, question->now, &answer->revoked_at);
    sk_X509_pop_free(chain, X509_free);
    /* A certificate for time stamps is for those alone. */
    if (answer->stamp != CSIG_STAMP_UNTRUSTED && answer->trust == CSIG_WRONG_USAGE) answer->trust = CSIG_TRUSTED;
    if (answer->stamp == CSIG_STAMP_UNTRUSTED && answer->trust == CSIG_TRUSTED) answer->trust = CSIG_CHAIN_BROKEN;
    if (answer->revocation == CSIG_REVOKED) answer->stamped_at = 0;
  }
  X509_free(signer);
}

void csig_verify(csig_case *known, const csig_question *question, csig_answer *answer) {
  memset(answer, 0, sizeof *answer);
  answer->integrity = CSIG_MALFORMED;
  ERR_clear_error();
  if (question->contents.count == 0 || question->contents.count > INT32_MAX) {
    malformed(answer, "empty");
  } else if (question->kind == CSIG_STAMP) {
    verify_stamp(known, question, answer);
  } else {
    verify_cms(known, question, answer);
  }
  ERR_clear_error();
}
