import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Row } from './rows'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A folder of its own for fresh apps, with what they share: the tarball and the Nodes. */
export interface Yard {
  /** What the tarball holds, by path, and its own size in bytes. */
  packed: { files: readonly string[], size: number }
  /** Copies, installs and builds the app of a row, with the row's Node, and gives its folder. */
  build: (row: Row) => Promise<string>
  /** The executable of that version. */
  node: (version: string) => Promise<string>
  remove: () => Promise<void>
}

/** Packs this package and prepares a folder for apps that install it. */
export async function createYard(): Promise<Yard> {
  const folder = await mkdtemp(join(tmpdir(), 'compat-'))
  const report = await command('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  const [{ filename, files, size }] = JSON.parse(report.slice(report.indexOf('[\n'))) as [{ filename: string, files: { path: string }[], size: number }]
  const tarball = join(folder, filename)
  const nodes = new Map<string, Promise<string>>()

  async function installNode(version: string): Promise<string> {
    if (process.version === `v${version}`) return process.execPath
    const home = join(folder, `node-${version}`)
    await writePackage(home, { dependencies: { node: version } })
    await command('npm', ['install'], { cwd: home })
    return join(home, 'node_modules/node/bin/node')
  }

  function node(version: string): Promise<string> {
    const known = nodes.get(version) ?? installNode(version)
    nodes.set(version, known)
    return known
  }

  return {
    packed: { files: files.map(({ path }) => path), size },
    node,
    async build({ name, app, packages, build, buildEnv, node: version }) {
      const home = join(folder, name)
      await cp(fileURLToPath(new URL(`apps/${app}`, import.meta.url)), home, { recursive: true })
      await writePackage(home, { dependencies: { ...packages, 'nuxt-llm-stream': `file:${tarball}` } })
      const path = [join(home, 'node_modules/.bin'), dirname(await node(version)), process.env.PATH].join(delimiter)
      await command('npm', ['install'], { cwd: home, env: { PATH: path } })
      if (build) await command(build[0]!, build.slice(1), { cwd: home, env: { PATH: path, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1', ...buildEnv } })
      return home
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function writePackage(home: string, fields: object): Promise<void> {
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'fresh-app', private: true, type: 'module', ...fields }))
}

/** Runs to the end and gives what it printed, or fails with it. */
async function command(program: string, args: readonly string[], { cwd, env }: { cwd: string, env?: Record<string, string> }): Promise<string> {
  const quiet = { npm_config_audit: 'false', npm_config_fund: 'false', npm_config_prefer_offline: 'true', npm_config_loglevel: 'error' }
  try {
    const { stdout } = await run(program, args, { cwd, env: { ...process.env, ...quiet, ...env }, maxBuffer: 64 << 20 })
    return stdout
  }
  catch (error) {
    const { stdout, stderr } = error as { stdout: string, stderr: string }
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${stdout}\n${stderr}`, { cause: error })
  }
}
