import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const nuxt = dirname(createRequire(join(root, 'package.json')).resolve('nuxt/package.json'))

/** What the module adds to a built server, without packages: the same app with it and without. */
export async function measureServer() {
  const { version } = JSON.parse(await readFile(join(nuxt, 'package.json'), 'utf8'))
  const without = await build('without', '')
  const given = await build('with', `modules: [${JSON.stringify(join(root, 'src/module.ts'))}],
  llmStream: { upstreams: { default: { provider: 'openai', models: ['m'] } }, public: true },`)
  return { nuxt: version, minified: given.minified - without.minified, gzipped: given.gzipped - without.gzipped }
}

/** In a folder that sees the packages of the repository only: a second Vue, this folder's, would count as well. */
async function build(name, config) {
  const app = await mkdtemp(join(root, `test/fixtures/size-${name}-`))
  try {
    await mkdir(join(app, 'app'))
    await writeFile(join(app, 'package.json'), '{ "private": true, "type": "module" }')
    await writeFile(join(app, 'nuxt.config.ts'), `export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  nitro: { minify: true },
  ${config}
})\n`)
    await writeFile(join(app, 'app/app.vue'), '<template>\n  <p>Hello</p>\n</template>\n')
    await promisify(execFile)(process.execPath, [join(nuxt, 'bin/nuxt.mjs'), 'build', app], {
      cwd: app, env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' }, maxBuffer: 64 << 20,
    })
    return await measure(join(app, '.output/server'))
  }
  finally {
    await rm(app, { recursive: true })
  }
}

async function measure(folder) {
  const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.mjs') && !file.startsWith('node_modules'))
  const codes = await Promise.all(files.map(file => readFile(join(folder, file))))
  return { minified: sum(codes), gzipped: sum(codes.map(code => gzipSync(code))) }
}

function sum(buffers) {
  return buffers.reduce((total, { length }) => total + length, 0)
}
