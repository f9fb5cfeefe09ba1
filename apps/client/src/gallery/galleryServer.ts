/** Serves the gallery from source; Node only, never part of a page. */
import { resolve } from 'node:path';
import { createServer } from 'vite';

const CLIENT = resolve(import.meta.dirname, '../..');

/** `url` is the gallery's page: a scene's name as its fragment draws that scene. */
export async function startGallery(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = await createServer({
    configFile: resolve(CLIENT, 'vite.config.ts'),
    server: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  await server.listen();
  return { url: `${server.resolvedUrls?.local[0]}src/gallery/index.html`, close: () => server.close() };
}
