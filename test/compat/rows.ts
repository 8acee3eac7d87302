/** One way to use the package, installed from its tarball into a folder that knows nothing of this repository. */
export interface Row {
  /** What `npm run compat` calls it. */
  name: string
  /** Version of the Node that installs, builds and serves it. */
  node: string
  /** Folder below `apps/`. */
  app: string
  /** What is installed beside the tarball, in exact versions. */
  packages: Record<string, string>
  /** A program of those packages with its arguments; without it there is nothing to build. */
  build?: readonly string[]
  /** Added to the environment of the build. */
  buildEnv?: Record<string, string>
  /** What is run, seen from the app's folder. */
  entry: string
  /** What runs it in Node's place: a program of those packages with its arguments. */
  runtime?: readonly string[]
  /** Whether it has a page with `useStream` on it, at `/`. */
  page?: boolean
}

const NODE_20 = '20.20.2'
const NODE_22 = '22.23.3'
const NODE_24 = '24.21.0'

const nuxt = (name: string, version: string, node: string): Row => ({
  name, node, app: 'nuxt', packages: { nuxt: version }, build: ['nuxt', 'build'], entry: '.output/server/index.mjs', page: true,
})
const server = (name: string, packages: Row['packages'], app = name): Row => ({ name, node: NODE_24, app, packages, entry: 'server.mjs' })

const DENO = { packages: { deno: '2.9.6' }, runtime: ['deno', 'run', '-A'] }
const BUN = { packages: { bun: '1.4.5' }, runtime: ['bun'] }
const on = ({ packages, runtime }: Required<Pick<Row, 'packages' | 'runtime'>>, row: Row): Row => ({ ...row, packages: { ...row.packages, ...packages }, runtime })

/** What the README says is supported. */
export const ROWS: readonly Row[] = [
  nuxt('nuxt-4-node-24', '4.5.2', NODE_24),
  nuxt('nuxt-4-node-22', '4.5.2', NODE_22),
  nuxt('nuxt-4.4-node-20', '4.4.5', NODE_20),
  nuxt('nuxt-3', '3.21.11', NODE_22),
  { ...nuxt('vercel', '4.5.2', NODE_24), buildEnv: { NITRO_PRESET: 'vercel' }, entry: 'vercel.mjs', page: false },
  { ...nuxt('nuxt-in-express', '4.5.2', NODE_24), packages: { nuxt: '4.5.2', express: '5.3.0' }, buildEnv: { NITRO_PRESET: 'node-listener' }, entry: 'express.mjs', page: false },
  { name: 'nitro-3', node: NODE_24, app: 'nitro', packages: { nitro: '3.0.260903-beta', h3: '2.0.8' }, build: ['nitro', 'build'], entry: '.output/server/index.mjs' },
  server('node', {}),
  server('node-fetch', {}),
  { ...server('node', {}), name: 'node-20', node: NODE_20 },
  { ...server('commonjs', {}), node: NODE_20, entry: 'server.cjs' },
  server('hono', { 'hono': '4.13.19', '@hono/node-server': '2.1.8' }),
  server('express', { express: '5.3.0' }),
  server('fastify', { fastify: '5.12.8' }),
  on(DENO, server('deno', {})),
  on(BUN, server('bun', {})),
  on(DENO, nuxt('nuxt-on-deno', '4.5.2', NODE_24)),
  on(BUN, nuxt('nuxt-on-bun', '4.5.2', NODE_24)),
  on(DENO, { ...nuxt('nuxt-deno-server', '4.5.2', NODE_24), buildEnv: { NITRO_PRESET: 'deno-server' } }),
  on(BUN, { ...nuxt('nuxt-bun', '4.5.2', NODE_24), buildEnv: { NITRO_PRESET: 'bun' } }),
]
