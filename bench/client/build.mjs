import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles our client into `.build/vue.js`, as an app's production build would. Vue stays the one that everyone uses. */
export function buildClient() {
  return build({
    entryPoints: { vue: `${root}../src/runtime/app/index.ts` },
    outdir: `${root}.build`, bundle: true, splitting: true, format: 'esm', target: 'es2022', external: ['vue', 'eventsource-parser'],
    define: { 'process.env.NODE_ENV': '"production"' }, nodePaths: [`${root}../node_modules`],
  })
}
