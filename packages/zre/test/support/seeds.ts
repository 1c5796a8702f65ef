/** Seeds of this run: `SLEUTH_SEED` is the first, `SLEUTH_SEED_COUNT` how many. The same ones each time unless they are set. */
export function seeds(count: number): number[] {
  const first = Number(process.env.SLEUTH_SEED ?? 1)
  return Array.from({ length: Number(process.env.SLEUTH_SEED_COUNT ?? count) }, (_, index) => first + index)
}

/** Runs something for a seed; what fails says how to see it again. */
export function withSeed(seed: number, run: (seed: number) => void): void {
  try {
    run(seed)
  } catch (error) {
    const { message } = error as Error
    throw new Error(`${message}\nseed ${seed}: again with SLEUTH_SEED=${seed} SLEUTH_SEED_COUNT=1`, {
      cause: error,
    })
  }
}
