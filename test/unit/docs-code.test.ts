import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { codeBlocks, readPages, root } from '../support/docs'

/** Inside the project, so that packages are found as an app finds them. */
const folder = join(root, 'test/fixtures/.docs')
const playground = join(root, 'playground/.nuxt')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('compiles every TypeScript and Vue block of the documentation', () => {
  rmSync(folder, { recursive: true, force: true })
  const files = readPages().flatMap(page => codeBlocks(page)
    .filter(({ language }) => language === 'ts' || language === 'vue')
    .map(({ language, code }, index) => ({ path: `${page.path.slice(0, -'.md'.length)}-${index + 1}.${language}`, code })))
  expect(files.length).toBeGreaterThan(50)
  for (const { path, code } of files) write(path, code)
  write('tsconfig.json', JSON.stringify(config()))
  write('others.d.ts', others)

  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/vue-tsc'), ['--noEmit', '-p', folder], { encoding: 'utf8' })
  expect(stdout + stderr).toBe('')
  expect(status).toBe(0)
}, 240_000)

/** That of an app which has the module and Nuxt UI: the playground's, with our entries taken from the source. */
function config(): object {
  const { compilerOptions: { paths } } = JSON.parse(readFileSync(join(playground, 'tsconfig.json'), 'utf8')) as { compilerOptions: { paths: Record<string, string[]> } }
  const absolute = Object.entries(paths).map(([name, places]) => [name, places.map(place => resolve(playground, place))])
  const entries = { vue: 'app', relay: 'server/relay', protocol: 'shared', testing: 'testing' }
  return {
    extends: join(playground, 'tsconfig.json'),
    compilerOptions: {
      paths: {
        ...Object.fromEntries(absolute),
        ...Object.fromEntries(Object.entries(entries).map(([name, path]) => [`nuxt-llm-stream/${name}`, [join(root, 'src/runtime', path, 'index.ts')]])),
      },
      types: ['node'],
    },
    files: [join(root, 'src/runtime/server/relay/limits/rate-limiter-flexible.d.ts')],
    include: [join(playground, 'nuxt.d.ts'), join(playground, 'nuxt.node.d.ts'), './**/*'],
    exclude: [],
  }
}

/** What the examples take from packages, and from options of Nitro's, that this project does without. */
const others = `declare function requireUserSession(event: import('h3').H3Event): Promise<{ user: { id: string, plan: string } }>
declare const useDatabase: typeof import('nitropack/runtime').useDatabase

declare module '*.vue' {
  const component: import('vue').Component
  export default component
}

declare module 'hono' {
  export class Hono {
    all(path: string, handler: (context: Context) => Response | Promise<Response>): void
  }
  export interface Context { req: { raw: Request } }
}

declare module 'hono/bun' {
  export function getConnInfo(context: import('hono').Context): { remote: { address?: string } }
}
`

function write(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
