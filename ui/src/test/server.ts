import { setupServer } from 'msw/node';

/** Stands where the front door is. Each test says what it answers: `server.use(http.get('*\/bff/api/…', …))`. */
export const server = setupServer();
