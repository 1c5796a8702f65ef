/** Milliseconds after which a connection that the server has refused is tried again. */
const PAUSE = 5000

/** Keeps the store up to date. `changed` is called after each event, and with the state of the connection. */
export function follow(store, changed) {
  const events = new EventSource('events')
  const live = (apply) => (event) => {
    apply(JSON.parse(event.data))
    changed({ live: true, at: Date.now() })
  }
  events.addEventListener(
    'snapshot',
    live((rows) => store.snapshot(rows)),
  )
  events.addEventListener(
    'patch',
    live((patch) => store.patch(patch)),
  )
  events.addEventListener('open', () => changed({ live: true }))
  events.addEventListener('error', () => {
    changed({ live: false })
    // It tries again by itself, unless it was refused.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => follow(store, changed), PAUSE)
  })
}
