import { addServerHandler } from '@nuxt/kit'

/**
 * Serves a route and everything below it. `/base/**` alone takes in neither `/base` nor `/base/` in Nitro 2, so that a page of
 * the app would answer there. Newer versions of @nuxt/kit add the base themselves; an app may have an older one.
 */
export function addServerRoute(route: string, handler: string): void {
  for (const path of [route, `${route}/**`]) addServerHandler({ route: path, handler })
}
