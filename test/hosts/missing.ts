import { describe, test } from 'node:test'

/**
 * A suite that needs something that is not everywhere: Go, root. Where it is missing, the suite is one test that is
 * skipped and says why; with SLEUTH_REQUIRE_INTEROP=1, as in .ci/run, one that fails.
 */
export function describeUnless(
  missing: string | undefined,
  name: string,
  options: { concurrency?: boolean | number },
  suite: () => void,
): void {
  if (missing === undefined) {
    describe(name, options, suite)
  } else if (process.env.SLEUTH_REQUIRE_INTEROP === '1') {
    test(name, () => {
      throw new Error(`must not be skipped here, and can't be run: ${missing}`)
    })
  } else {
    test(name, { skip: missing })
  }
}
