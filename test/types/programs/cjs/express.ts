import express = require('express')
import sleuth = require('@sleuth/express')

const app = express()
app.use(sleuth('article-service'))
app.get('/', async (req, res) => {
  const response = await req.sleuth.do('sleuth://comment-service/')
  res.json(await response.json())
})
