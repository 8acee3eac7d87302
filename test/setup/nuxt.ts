import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Path of the Nuxt CLI that the app in this folder would run. */
export function nuxtCli(app: string): string {
  return join(dirname(createRequire(join(app, 'package.json')).resolve('nuxt/package.json')), 'bin/nuxt.mjs')
}

/** Builds a Nuxt app for production, with the Node that runs this. Fails with what the build printed. */
export async function buildApp(app: string, env: Record<string, string> = {}): Promise<void> {
  try {
    await run(process.execPath, [nuxtCli(app), 'build', app], {
      cwd: app,
      env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1', ...env },
      maxBuffer: 64 << 20,
    })
  }
  catch (error) {
    const { stdout, stderr } = error as { stdout: string, stderr: string }
    throw new Error(`${app} could not be built:\n${stdout}\n${stderr}`, { cause: error })
  }
}
