/** Serves the gallery from source; Node only, never part of a page. */
import { resolve } from 'node:path';
import { createServer } from 'vite';

const CLIENT = resolve(import.meta.dirname, '../..');

export interface Gallery {
  /** The list of scenes; a scene's name as its fragment draws that scene. */
  readonly url: string;
  /** The volunteer page with a volunteer that only pretends. */
  readonly liveUrl: string;
  close(): Promise<void>;
}

export async function startGallery(): Promise<Gallery> {
  const server = await createServer({
    configFile: resolve(CLIENT, 'vite.config.ts'),
    server: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  await server.listen();
  const folder = `${server.resolvedUrls?.local[0]}src/gallery`;
  return {
    url: `${folder}/index.html`,
    liveUrl: `${folder}/live.html`,
    close: () => server.close(),
  };
}
