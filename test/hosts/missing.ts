/**
 * What a test that needs something that is not everywhere (Go, root) gives as its `skip`: the reason, or false where
 * all is there. With SLEUTH_REQUIRE_INTEROP=1, as in .ci/run, what is missing is an error.
 */
export function skipFor(missing: string | undefined): string | false {
  if (missing === undefined) return false
  if (process.env.SLEUTH_REQUIRE_INTEROP === '1') throw new Error(`can't be skipped here: ${missing}`)
  return `skipped: ${missing}`
}
