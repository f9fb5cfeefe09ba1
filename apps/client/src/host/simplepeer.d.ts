/** The bundled build: the package's own entry needs Node's streams, which a page does not have. */
declare module 'simple-peer/simplepeer.min.js' {
  import type SimplePeer from 'simple-peer';

  const Peer: SimplePeer.SimplePeer;
  export default Peer;
}
