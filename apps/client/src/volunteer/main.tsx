/** Composition of the volunteer page: the address and the coordinator meet the page here and only here. */
import { connectTo } from './connect.ts';
import { backendAsked, joinToken } from './joinAddress.ts';
import { mountPage } from './mountPage.tsx';

const root = document.getElementById('app');
if (root === null) throw new Error('main.tsx: index.html has no element with the id "app".');
const token = joinToken(location);
mountPage(root, {
  connect: connectTo({ origin: location.origin, token, backend: backendAsked(location) }),
  ask: (path) => fetch(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
});
