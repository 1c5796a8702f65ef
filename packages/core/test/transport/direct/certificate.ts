import { createPrivateKey } from 'node:crypto'

/** A certificate for 127.0.0.1, signed by itself. Its key is no secret: it is for tests alone. */
const der =
  'MIIBVzCB/6ADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCTEyNy4wLjAuMTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ' +
  'MTI3LjAuMC4xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzHoK32qYGTduOhLt8fdyQkKQ4YodapCdnwi+32lbQ9J9R3lpAqkHp0EmomzQ+nDuobJ+tuBonqd0W7QP' +
  'y4HbRqNAMD4wDwYDVR0RBAgwBocEfwAAATAMBgNVHRMEBTADAQH/MB0GA1UdDgQWBBSHNM14pry9tb63L7h1t/HoxncjwzAKBggqhkjOPQQDAgNHADBEAiAxzJacO+0Q' +
  'Bd9EAVV5an1YaUVy+SAwbVWjxy1ZVA6OkQIgCFmvgMBAujsPVYfyy9/di4TQ04Xk2U+usHlbwAFUlK4='

export const cert = `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

const jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'zHoK32qYGTduOhLt8fdyQkKQ4YodapCdnwi-32lbQ9I',
  y: 'fUd5aQKpB6dBJqJs0Ppw7qGyfrbgaJ6ndFu0D8uB20Y',
  d: 'P4F-SAvKh_JI6taaIVLohmtjMtYvc20tQiFI3EdWlxw',
}

export const key = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' })
