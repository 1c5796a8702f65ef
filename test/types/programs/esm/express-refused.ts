import sleuth from '@sleuth/express'
import express from 'express'

// @ts-expect-error a service is named by a string
sleuth({ service: 1 })
// @ts-expect-error an option that there is not
sleuth({ servce: 'article-service' })
// @ts-expect-error the app is the handler
sleuth({ service: 'article-service', handler: express() })
// @ts-expect-error what is told of a join that fails is a function
sleuth({ onError: 'log' })
// @ts-expect-error keys without who else is let in
sleuth({ service: 'vault', security: { publicKey: '', secretKey: '' } })
// @ts-expect-error over HTTP there is no peer
express().get('/', (req) => req.sleuthPeer.id)
// @ts-expect-error not an app
sleuth({ service: 'article-service', app: {} })
// @ts-expect-error the middleware's handle is not replaced
sleuth().sleuth = undefined
