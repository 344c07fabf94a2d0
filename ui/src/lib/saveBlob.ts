const REVOKE_AFTER_MS = 60_000;

/** Hand bytes to the browser as a file to be saved; they are never opened in this page. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the bytes after the click: the address must live on for a while.
  window.setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
