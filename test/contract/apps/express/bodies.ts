import { createHash } from 'node:crypto'
import express, { type Router } from 'express'
import multer from 'multer'

/** Routes that read a body, by every parser in use, and by hand. */
export function bodies(): Router {
  const router = express.Router()
  router.all(
    '/json-body',
    express.json({ limit: '2mb' }),
    (req, res) => void res.json({ got: req.body ?? null }),
  )
  router.post('/small-json', express.json({ limit: 100 }), (req, res) => void res.json({ got: req.body }))
  router.post('/form', express.urlencoded({ extended: true }), (req, res) => void res.json({ got: req.body }))
  router.post('/text-body', express.text(), (req, res) => void res.json({ got: req.body }))
  router.post(
    '/raw',
    express.raw({ limit: '2mb' }),
    (req, res) => void res.type('application/octet-stream').send(req.body),
  )
  router.post('/upload', multer().any(), (req, res) => {
    const files = (req.files as Express.Multer.File[]).map(
      ({ fieldname, originalname, mimetype, size, buffer }) => {
        return { fieldname, originalname, mimetype, size, sha: sha(buffer) }
      },
    )
    res.json({ fields: req.body, files })
  })
  router.all('/pipe', (req, res) => {
    res.type(req.get('content-type') ?? 'application/octet-stream')
    req.pipe(res)
  })
  router.post('/digest', async (req, res) => {
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of req) {
      hash.update(chunk)
      length += chunk.length
    }
    res.json({ length, sha: hash.digest('hex'), complete: req.complete })
  })
  router.post('/unread', (_req, res) => void res.status(202).send('not read'))
  return router
}

function sha(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
