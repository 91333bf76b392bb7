#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "csig_inside.h"

static csig_trust trust_of(int code) {
  switch (code) {
  case X509_V_OK: return CSIG_TRUSTED;
  case X509_V_ERR_CERT_HAS_EXPIRED: return CSIG_EXPIRED;
  case X509_V_ERR_CERT_NOT_YET_VALID: return CSIG_NOT_YET_VALID;
  case X509_V_ERR_EE_KEY_TOO_SMALL:
  case X509_V_ERR_CA_KEY_TOO_SMALL:
  case X509_V_ERR_CA_MD_TOO_WEAK: return CSIG_WEAK;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return CSIG_ROOT_UNKNOWN;
  default: return CSIG_CHAIN_BROKEN;
  }
}

/* A certificate that says for what it is must say that it is for documents, mail or persons. */
static int may_sign(X509 *signer) {
  uint32_t usage = X509_get_key_usage(signer); /* all bits when it does not say */
  if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) return 0;
  EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(signer, NID_ext_key_usage, NULL, NULL);
  if (purposes == NULL) return 1;
  static const char *const fitting[] = {
    "2.5.29.37.0",              /* any */
    "1.3.6.1.5.5.7.3.2",        /* persons */
    "1.3.6.1.5.5.7.3.4",        /* mail */
    "1.3.6.1.5.5.7.3.36",       /* documents, RFC 9336 */
    "1.3.6.1.4.1.311.10.3.12",  /* documents, Microsoft */
    "1.3.6.1.4.1.311.20.2.2",   /* persons with a smart card */
    "1.2.840.113583.1.1.5",     /* PDF, Adobe */
  };
  int is_fitting = 0;
  for (int index = 0; index < sk_ASN1_OBJECT_num(purposes) && !is_fitting; index++) {
    char text[80];
    OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(purposes, index), 1);
    for (size_t each = 0; each < sizeof fitting / sizeof fitting[0]; each++) {
      if (OPENSSL_strcasecmp(text, fitting[each]) == 0) is_fitting = 1;
    }
  }
  EXTENDED_KEY_USAGE_free(purposes);
  return is_fitting;
}

csig_trust csig_chain(const csig_case *known, X509 *signer, STACK_OF(X509) *extra, int64_t time,
    STACK_OF(X509) **chain) {
  *chain = NULL;
  if (sk_X509_num(known->roots) == 0) return CSIG_NO_ROOTS;
  csig_trust trust = CSIG_CHAIN_BROKEN;
  X509_STORE *store = csig_store(known, time);
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  STACK_OF(X509) *others = sk_X509_dup(known->others);
  if (store != NULL && context != NULL && others != NULL) {
    for (int index = 0; index < sk_X509_num(extra); index++) sk_X509_push(others, sk_X509_value(extra, index));
    if (X509_STORE_CTX_init(context, store, signer, others) == 1) {
      int is_valid = X509_verify_cert(context) == 1;
      trust = is_valid ? CSIG_TRUSTED : trust_of(X509_STORE_CTX_get_error(context));
      if (!is_valid && trust == CSIG_TRUSTED) trust = CSIG_CHAIN_BROKEN;
      if (is_valid) *chain = X509_STORE_CTX_get1_chain(context);
    }
  }
  sk_X509_free(others);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  ERR_clear_error();
  return trust == CSIG_TRUSTED && !may_sign(signer) ? CSIG_WRONG_USAGE : trust;
}

/* MARK: revocation */

typedef enum { SILENT, OLD, CLEAN, GONE } word;

/* Later words do not undo earlier ones: who was revoked stays so. */
static word stronger(word left, word right) { return left > right ? left : right; }

/* Whether a list that speaks for a part of an authority's certificates speaks for this one. */
static int is_in_part(X509 *certificate, DIST_POINT_NAME *part) {
  if (part == NULL) return 1;
  if (part->type != 0) return 0;
  int is_in = 0;
  CRL_DIST_POINTS *points = X509_get_ext_d2i(certificate, NID_crl_distribution_points, NULL, NULL);
  for (int index = 0; index < sk_DIST_POINT_num(points); index++) {
    DIST_POINT_NAME *name = sk_DIST_POINT_value(points, index)->distpoint;
    if (name == NULL || name->type != 0) continue;
    for (int own = 0; own < sk_GENERAL_NAME_num(name->name.fullname); own++) {
      for (int its = 0; its < sk_GENERAL_NAME_num(part->name.fullname); its++) {
        GENERAL_NAME *left = sk_GENERAL_NAME_value(name->name.fullname, own);
        if (GENERAL_NAME_cmp(left, sk_GENERAL_NAME_value(part->name.fullname, its)) == 0) is_in = 1;
      }
    }
  }
  CRL_DIST_POINTS_free(points);
  return is_in;
}

/* 0: the list says nothing of such a certificate; 1: only when it was revoked; 2: also when it was not. */
static int reach(X509_CRL *crl, X509 *certificate) {
  int position = -1;
  while ((position = X509_CRL_get_ext_by_critical(crl, 1, position)) >= 0) {
    X509_EXTENSION *extension = X509_CRL_get_ext(crl, position);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_issuing_distribution_point) return 0;
  }
  int critical = -1;
  ISSUING_DIST_POINT *scope = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);
  if (scope == NULL) return critical == -1 ? 2 : 0;
  int is_authority = X509_check_ca(certificate) > 0;
  int reach = 2;
  if (scope->indirectCRL > 0 || scope->onlyattr > 0 || (scope->onlyuser > 0 && is_authority)
      || (scope->onlyCA > 0 && !is_authority)) {
    reach = 0;
  } else if (scope->onlysomereasons != NULL || !is_in_part(certificate, scope->distpoint)) {
    reach = 1;
  }
  ISSUING_DIST_POINT_free(scope);
  return reach;
}

static int counts(int64_t revoked, int64_t time, int proven) { return !proven || revoked <= time; }

static word word_of_crl(X509_CRL *crl, X509 *certificate, X509 *issuer, int64_t time, int proven, int64_t now,
    int64_t *revoked_at) {
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)) != 0) return SILENT;
  if ((X509_get_key_usage(issuer) & KU_CRL_SIGN) == 0) return SILENT;
  int64_t from = 0, until = 0, revoked = 0;
  if (!csig_seconds(X509_CRL_get0_lastUpdate(crl), &from) || from > now + CSIG_CLOCK_SLACK) return SILENT;
  if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1) return SILENT;
  int reaches = reach(crl, certificate);
  if (reaches == 0) return SILENT;
  X509_REVOKED *entry = NULL;
  if (X509_CRL_get0_by_cert(crl, &entry, certificate) == 1) {
    if (!csig_seconds(X509_REVOKED_get0_revocationDate(entry), &revoked)) revoked = 0;
    ASN1_GENERALIZEDTIME *since = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
    int64_t invalid = 0;
    if (csig_seconds(since, &invalid) && invalid < revoked) revoked = invalid;
    ASN1_GENERALIZEDTIME_free(since);
    if (counts(revoked, time, proven)) {
      *revoked_at = revoked;
      return GONE;
    }
  }
  if (reaches == 1) return SILENT;
  int is_new = (csig_seconds(X509_CRL_get0_nextUpdate(crl), &until) && until >= time) || (proven && from >= time);
  return is_new ? CLEAN : OLD;
}

static word word_of_answer(const csig_case *known, OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, int64_t time,
    int proven, int64_t now, int64_t *revoked_at) {
  word said = SILENT;
  int64_t produced = 0;
  if (!csig_seconds(OCSP_resp_get0_produced_at(basic), &produced) || produced > now + CSIG_CLOCK_SLACK) return SILENT;
  int is_verified = 0;
  for (int index = 0; index < OCSP_resp_count(basic) && index < CSIG_FOUND_MAX; index++) {
    OCSP_SINGLERESP *single = OCSP_resp_get0(basic, index);
    OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT *algorithm = NULL;
    OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id);
    const EVP_MD *digest = algorithm == NULL ? NULL : EVP_get_digestbyobj(algorithm);
    OCSP_CERTID *own = digest == NULL ? NULL : OCSP_cert_to_id(digest, certificate, issuer);
    int is_own = own != NULL && OCSP_id_cmp(own, id) == 0;
    OCSP_CERTID_free(own);
    if (!is_own) continue;
    if (!is_verified) {
      X509_STORE *store = csig_store(known, produced);
      is_verified = store != NULL && OCSP_basic_verify(basic, known->others, store, 0) == 1;
      X509_STORE_free(store);
      if (!is_verified) return SILENT;
    }
    int reason = 0;
    int64_t from = 0, until = 0, revoked = 0;
    ASN1_GENERALIZEDTIME *revocation = NULL, *this_update = NULL, *next_update = NULL;
    int status = OCSP_single_get0_status(single, &reason, &revocation, &this_update, &next_update);
    if (!csig_seconds(this_update, &from) || from > now + CSIG_CLOCK_SLACK) continue;
    if (status == V_OCSP_CERTSTATUS_REVOKED) {
      if (!csig_seconds(revocation, &revoked)) revoked = 0;
      if (counts(revoked, time, proven)) {
        *revoked_at = revoked;
        return GONE;
      }
    } else if (status != V_OCSP_CERTSTATUS_GOOD) {
      continue;
    }
    int is_new = (csig_seconds(next_update, &until) && until >= time) || (proven && from >= time);
    said = stronger(said, is_new ? CLEAN : OLD);
  }
  return said;
}

static word word_of(const csig_case *known, X509 *certificate, X509 *issuer, int64_t time, int proven, int64_t now,
    int64_t *revoked_at) {
  word said = SILENT;
  for (int index = 0; index < sk_X509_CRL_num(known->crls) && said != GONE; index++) {
    X509_CRL *crl = sk_X509_CRL_value(known->crls, index);
    said = stronger(said, word_of_crl(crl, certificate, issuer, time, proven, now, revoked_at));
  }
  for (int index = 0; index < known->answer_count && said != GONE; index++) {
    OCSP_BASICRESP *basic = known->answers[index];
    said = stronger(said, word_of_answer(known, basic, certificate, issuer, time, proven, now, revoked_at));
  }
  ERR_clear_error();
  return said;
}

csig_revocation csig_revoked(const csig_case *known, STACK_OF(X509) *chain, int64_t time, int proven, int64_t now,
    int64_t *revoked_at) {
  int count = sk_X509_num(chain);
  if (count < 1) return CSIG_REVOCATION_UNKNOWN;
  csig_revocation all = CSIG_GOOD;
  /* The last is a root, which nobody can revoke but who trusts it. */
  for (int index = 0; index + 1 < count; index++) {
    X509 *certificate = sk_X509_value(chain, index), *issuer = sk_X509_value(chain, index + 1);
    word said = word_of(known, certificate, issuer, time, proven, now, revoked_at);
    if (said == GONE) return CSIG_REVOKED;
    if (said == CLEAN || all != CSIG_GOOD) continue;
    all = index > 0 ? CSIG_NO_WORD_ISSUER : said == OLD ? CSIG_OLD_WORD : CSIG_NO_WORD;
  }
  return all;
}
