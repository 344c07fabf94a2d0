/** What the tests' document lacks of a browser and the console uses. */
export function installBrowserParts(): void {
  window.matchMedia = (query: string) => ({
    matches: /min-width/.test(query), // a wide screen
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  });
  globalThis.ResizeObserver = class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  Element.prototype.scrollIntoView = () => undefined;
}
