// @ts-check

/**
 * What the two programs have in common. Sleuth itself reads the network's variables, such as `SLEUTH_INTERFACE` and
 * `SLEUTH_SEEDS`, so an image needs no code for them.
 */
const { SLEUTH_PORT, SLEUTH_PUBLIC_KEY, SLEUTH_SECRET_KEY, SLEUTH_ALLOW } = process.env

/** @type {import('@sleuth/core').SleuthOptions} */
export const options = {
  logLevel: 'info',
  ...(SLEUTH_PORT ? { port: Number(SLEUTH_PORT) } : {}),
  ...(SLEUTH_PUBLIC_KEY && SLEUTH_SECRET_KEY && SLEUTH_ALLOW
    ? { security: { publicKey: SLEUTH_PUBLIC_KEY, secretKey: SLEUTH_SECRET_KEY, allow: SLEUTH_ALLOW } }
    : {}),
}
