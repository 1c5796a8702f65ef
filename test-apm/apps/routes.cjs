// What every app of these tests does, whatever its framework. `tool` is what the preloaded file of tools/ has set.
const { tool } = globalThis

/** The port of the app's own HTTP server, once it listens. */
let port
let arrived
let both = new Promise((resolve) => {
  arrived = resolve
})
let waiting = 0

/** Calls `/leaf` by Node's `fetch`, so that a trace goes on below the handler. */
async function callLeaf() {
  const response = await fetch(`http://127.0.0.1:${port}/leaf`)
  return response.text()
}

/** Two requests at a time each say who their user is, and then tell whom the tool has for theirs. */
async function identify(id) {
  tool.identify(id)
  if (++waiting === 2) arrived()
  await both
  await new Promise(setImmediate)
  if (--waiting === 0) {
    both = new Promise((resolve) => {
      arrived = resolve
    })
  }
  return tool.identity()
}

const routes = {
  '/leaf': () => 'leaf',
  '/x/:id': async (id) => `${id} ${await callLeaf()}`,
  '/user/:id': async (id) => `${await identify(id)}`,
  '/boom/:id': async (id) => {
    await null
    throw new Error(`boom ${id}`)
  },
}

module.exports = {
  routes,
  listensAt: (at) => {
    port = at
  },
}
