/** Names that mean this machine, whatever a DNS server says. `[spec]` https://datatracker.ietf.org/doc/html/rfc6761#section-6.3 */
const THIS_MACHINE = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Whether a request comes from a page of this server, or from a person's own program, on this machine: a page of another
 * origin is told by its browser, a name that was rebound to this machine by the name itself.
 */
export function isOwnPage(header: (name: string) => string | undefined): boolean {
  if (!THIS_MACHINE.test(header('host') ?? '')) return false
  const site = header('sec-fetch-site')
  // [spec] https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header: `none` is an address that a person typed.
  return site === undefined || site === 'same-origin' || site === 'none'
}
