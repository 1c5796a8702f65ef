// @ts-check

/**
 * Where the examples meet: on loopback, and on a discovery port of their own, so that they never mix with a real
 * network. Your own services can do without all of this: the defaults are a LAN, port 5670 and 500 ms.
 */
export const network = {
  interface: process.env.SLEUTH_INTERFACE ?? 'loopback',
  port: Number(process.env.SLEUTH_PORT ?? 5679),
  // Milliseconds. A machine that is busy with other things should not fail an example.
  timeout: 5_000,
}
