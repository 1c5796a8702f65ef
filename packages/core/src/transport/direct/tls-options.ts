import type { ConnectionOptions } from 'node:tls'

/**
 * Of both ends. A pre-shared key goes with a cipher of SHA-256. There are no certificates, and none that the machine trusts
 * counts. TLS 1.3 makes new keys by an exchange of its own beside the pre-shared one, so what is recorded stays secret.
 */
export const tlsOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ca: [],
} as const satisfies ConnectionOptions
