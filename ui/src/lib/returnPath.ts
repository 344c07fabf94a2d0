/** Where to go after signing in: a path of this console, whatever a link says. */
export function safeReturnPath(wanted: string | null): string {
  if (wanted === null || !wanted.startsWith('/') || !URL.canParse(wanted, location.origin)) return '/';
  const target = new URL(wanted, location.origin);
  // `//host` and `/\host` lead elsewhere once a browser reads them, and `/.//host` becomes `//host` by being read.
  const staysHere = target.origin === location.origin && !target.pathname.startsWith('//');
  return staysHere ? target.pathname + target.search : '/';
}
