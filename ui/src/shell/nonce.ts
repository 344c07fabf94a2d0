/** The nonce of this page's Content-Security-Policy; styles made by script are applied only with it. */
export function pageNonce(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce || undefined;
}
