import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { examine, findingLine, lanFinding, nodeFinding } from './doctor.ts';

describe('doctor', () => {
  it.each([
    ['18.20.0', false],
    ['20.18.1', false],
    ['20.19.0', true],
    ['24.1.0', true],
  ])('judges Node %s', (version, ok) => expect(nodeFinding(version).ok).toBe(ok));

  it('says what to do about a taken port, missing data and missing pages', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const findings = await examine({
      data: 'nowhere',
      port,
      cwd: tmpdir(),
      clientDir: '/nowhere',
      nodeVersion: '20.19.0',
    });
    server.close();
    const wrong = findings.filter((f) => !f.ok).map(findingLine);
    expect(wrong).toContainEqual(expect.stringMatching(/^FIX {2}Port \d+ is taken: .*--port\.$/));
    expect(wrong).toContainEqual(expect.stringMatching(/nowhere cannot be read: check the spelling/));
    expect(wrong).toContainEqual(expect.stringMatching(/pages are not built yet: "npm start"/));
  });

  it('wants a network', () => {
    expect(lanFinding([])).toMatchObject({ ok: false });
    expect(lanFinding(['10.0.0.1']).sentence).toContain('10.0.0.1');
  });
});
