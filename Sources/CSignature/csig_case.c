#define _GNU_SOURCE
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <time.h>

#include "csig_inside.h"

void csig_setup(void) { OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); }

csig_case *csig_case_new(void) {
  csig_case *known = OPENSSL_zalloc(sizeof *known);
  if (known == NULL) return NULL;
  known->roots = sk_X509_new_null();
  known->others = sk_X509_new_null();
  known->crls = sk_X509_CRL_new_null();
  if (known->roots != NULL && known->others != NULL && known->crls != NULL) return known;
  csig_case_free(known);
  return NULL;
}

void csig_case_free(csig_case *known) {
  if (known == NULL) return;
  sk_X509_pop_free(known->roots, X509_free);
  sk_X509_pop_free(known->others, X509_free);
  sk_X509_CRL_pop_free(known->crls, X509_CRL_free);
  for (int index = 0; index < known->answer_count; index++) OCSP_BASICRESP_free(known->answers[index]);
  OPENSSL_free(known);
}

/* MARK: certificates and lists */

static int keep_certificate(STACK_OF(X509) *all, X509 *certificate) {
  if (certificate == NULL) return 0;
  if (sk_X509_num(all) < CSIG_FOUND_MAX && sk_X509_push(all, certificate) > 0) return 1;
  X509_free(certificate);
  return 0;
}

static int keep_crl(csig_case *known, X509_CRL *crl) {
  if (crl == NULL) return 0;
  if (sk_X509_CRL_num(known->crls) < CSIG_FOUND_MAX && sk_X509_CRL_push(known->crls, crl) > 0) return 1;
  X509_CRL_free(crl);
  return 0;
}

int csig_case_add_roots(csig_case *known, csig_bytes file) {
  int count = 0;
  BIO *pem = BIO_new_mem_buf(file.bytes, (int)file.count);
  X509 *certificate;
  while (pem != NULL && (certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
    count += keep_certificate(known->roots, certificate);
  }
  BIO_free(pem);
  const unsigned char *position = file.bytes;
  if (count == 0) count = keep_certificate(known->roots, d2i_X509(NULL, &position, (long)file.count));
  ERR_clear_error();
  return count;
}

int csig_case_add_crls(csig_case *known, csig_bytes file) {
  int count = 0;
  BIO *pem = BIO_new_mem_buf(file.bytes, (int)file.count);
  X509_CRL *crl;
  while (pem != NULL && (crl = PEM_read_bio_X509_CRL(pem, NULL, NULL, NULL)) != NULL) count += keep_crl(known, crl);
  BIO_free(pem);
  const unsigned char *position = file.bytes;
  if (count == 0) count = keep_crl(known, d2i_X509_CRL(NULL, &position, (long)file.count));
  ERR_clear_error();
  return count;
}

static int keep_answer(csig_case *known, csig_bytes der) {
  const unsigned char *position = der.bytes;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &position, (long)der.count);
  OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
  OCSP_RESPONSE_free(response);
  position = der.bytes;
  if (basic == NULL) basic = d2i_OCSP_BASICRESP(NULL, &position, (long)der.count);
  if (basic == NULL) return 0;
  if (known->answer_count == CSIG_FOUND_MAX) {
    OCSP_BASICRESP_free(basic);
    return 0;
  }
  known->answers[known->answer_count++] = basic;
  return 1;
}

int csig_case_add_found(csig_case *known, csig_bytes der) {
  const unsigned char *position = der.bytes;
  int is_kept = keep_certificate(known->others, d2i_X509(NULL, &position, (long)der.count));
  position = der.bytes;
  if (!is_kept) is_kept = keep_crl(known, d2i_X509_CRL(NULL, &position, (long)der.count));
  if (!is_kept) is_kept = keep_answer(known, der);
  ERR_clear_error();
  return is_kept;
}

X509_STORE *csig_store(const csig_case *known, int64_t time) {
  X509_STORE *store = X509_STORE_new();
  if (store == NULL) return NULL;
  for (int index = 0; index < sk_X509_num(known->roots); index++) {
    X509_STORE_add_cert(store, sk_X509_value(known->roots, index));
  }
  X509_VERIFY_PARAM *how = X509_STORE_get0_param(store);
  X509_VERIFY_PARAM_set_time(how, (time_t)time);
  X509_VERIFY_PARAM_set_depth(how, 8);
  X509_VERIFY_PARAM_set_auth_level(how, 1);
  /* Whoever is named a root is one, whether it signed itself or not. */
  X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

/* MARK: small things */

int csig_seconds(const ASN1_TIME *time, int64_t *seconds) {
  struct tm parts;
  if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  *seconds = (int64_t)timegm(&parts);
  return 1;
}

int csig_is_padding(const unsigned char *from, const unsigned char *until) {
  while (from < until && *from == 0) from++;
  return from == until;
}

static void text_of(const X509_NAME *name, int what, char *text, size_t room) {
  int index = X509_NAME_get_index_by_NID(name, what, -1);
  if (index < 0) return;
  unsigned char *utf8 = NULL;
  int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (length < 0) return;
  size_t count = (size_t)length < room - 1 ? (size_t)length : room - 1;
  memcpy(text, utf8, count);
  text[count] = 0;
  OPENSSL_free(utf8);
}

void csig_describe(X509 *signer, csig_answer *answer) {
  const X509_NAME *subject = X509_get_subject_name(signer), *issuer = X509_get_issuer_name(signer);
  text_of(subject, NID_commonName, answer->name, sizeof answer->name);
  text_of(subject, NID_organizationName, answer->organisation, sizeof answer->organisation);
  text_of(issuer, NID_commonName, answer->issuer, sizeof answer->issuer);
  if (answer->issuer[0] == 0) text_of(issuer, NID_organizationName, answer->issuer, sizeof answer->issuer);
  const ASN1_INTEGER *serial = X509_get0_serialNumber(signer);
  int length = serial == NULL ? 0 : ASN1_STRING_length(serial);
  for (int index = 0; index < length && index < (int)sizeof answer->serial / 2 - 1; index++) {
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = ASN1_STRING_get0_data(serial)[index];
    answer->serial[2 * index] = digits[byte >> 4];
    answer->serial[2 * index + 1] = digits[byte & 15];
  }
}

/* MARK: two pieces of memory as one */

typedef struct {
  csig_bytes pieces[2];
} pieces;

static int pieces_read(BIO *bio, char *room, int wanted) {
  pieces *rest = BIO_get_data(bio);
  int count = 0;
  for (int index = 0; index < 2 && count < wanted; index++) {
    csig_bytes *piece = &rest->pieces[index];
    size_t part = piece->count < (size_t)(wanted - count) ? piece->count : (size_t)(wanted - count);
    if (part > 0) memcpy(room + count, piece->bytes, part);
    piece->bytes += part;
    piece->count -= part;
    count += (int)part;
  }
  return count;
}

static long pieces_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH;
}

static int pieces_free(BIO *bio) {
  OPENSSL_free(BIO_get_data(bio));
  return 1;
}

static BIO_METHOD *method;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

static void make_method(void) {
  method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pieces");
  if (method == NULL) return;
  BIO_meth_set_read(method, pieces_read);
  BIO_meth_set_ctrl(method, pieces_control);
  BIO_meth_set_destroy(method, pieces_free);
}

BIO *csig_pieces(csig_bytes first, csig_bytes second) {
  if (!CRYPTO_THREAD_run_once(&once, make_method) || method == NULL) return NULL;
  BIO *bio = BIO_new(method);
  pieces *both = OPENSSL_zalloc(sizeof *both);
  if (bio == NULL || both == NULL) {
    OPENSSL_free(both);
    BIO_free(bio);
    return NULL;
  }
  both->pieces[0] = first;
  both->pieces[1] = second;
  BIO_set_data(bio, both);
  BIO_set_init(bio, 1);
  return bio;
}
