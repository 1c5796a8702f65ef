import { fileURLToPath } from 'node:url'

/** The checkout whose packages this process measures: this one, or that of `--base`. */
export const checkout = process.env.SLEUTH_BENCH_CHECKOUT ?? fileURLToPath(new URL('../../', import.meta.url))
