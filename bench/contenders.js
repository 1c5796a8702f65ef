import { createSleuth } from '@sleuth/core'
import { Pool } from 'undici'

const headers = { 'content-type': 'application/octet-stream' }

/** Each opens what it needs, and gives a call that sends a body and resolves to the length of the answer's. */
export const contenders = {
  'sleuth request': (options) =>
    withSleuth(options, (sleuth) => async (body) => {
      const response = await sleuth.request('sleuth://echo/echo', { method: 'POST', headers, body })
      return response.body.length
    }),

  'sleuth do': (options) =>
    withSleuth(options, (sleuth) => async (body) => {
      const response = await sleuth.do('sleuth://echo/echo', { method: 'POST', headers, body })
      return (await response.arrayBuffer()).byteLength
    }),

  'undici request': async ({ httpPort, callers }) => {
    const pool = new Pool(`http://127.0.0.1:${httpPort}`, { connections: callers })
    return {
      async call(body) {
        const response = await pool.request({ method: 'POST', path: '/echo', headers, body })
        return (await response.body.arrayBuffer()).byteLength
      },
      close: () => pool.close(),
    }
  },

  'global fetch': async ({ httpPort }) => ({
    async call(body) {
      const response = await fetch(`http://127.0.0.1:${httpPort}/echo`, { method: 'POST', headers, body })
      return (await response.arrayBuffer()).byteLength
    },
    close: async () => {},
  }),
}

async function withSleuth({ udpPort }, caller) {
  const sleuth = await createSleuth({ interface: 'loopback', port: udpPort, timeout: 10_000 })
  await sleuth.waitFor('echo')
  return { call: caller(sleuth), close: () => sleuth.close() }
}
