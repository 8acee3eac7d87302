import express from 'express'
import { listener } from './.output/server/index.mjs'

const app = express()
app.use(express.json()) // as most apps do
app.use(listener)
const server = app.listen(0, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`))
