const MAX_ATTEMPTS = 100

/**
 * Makes a call of libzmq again for as long as a signal interrupts it. A profiler sends one each millisecond, and a call that
 * is interrupted has done nothing yet (zmq_setsockopt, EINTR).
 */
export function uninterrupted<T>(call: () => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return call()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINTR' || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
