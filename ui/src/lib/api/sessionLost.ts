type Listener = () => void;

const listeners = new Set<Listener>();

/** Called by the client when an answer says that nobody is signed in, or that a password was wrong: 401 means both. */
export function sessionLost(): void {
  for (const listener of listeners) listener();
}

export function onSessionLost(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
