/** Leave the console for a sign-in page. What is no web address is not followed. */
export function leaveFor(address: string): void {
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('The sign-in page has no web address.');
  location.assign(url);
}
