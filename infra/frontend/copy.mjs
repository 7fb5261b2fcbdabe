// Copies what pages load from node_modules to hub/static/vendor, licences beside it.
// Safe to repeat: a stamp holds the versions and this file's own text; where it fits, nothing is done.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = join(here, "..", "..", "hub", "static", "vendor");

// [package, what of it, as what]
const parts = {
  krds: [
    ["krds-uiux", "resources/css/token/krds_tokens.css", "css/token/krds_tokens.css"],
    ["krds-uiux", "resources/css/common/common.css", "css/common/common.css"],
    ["krds-uiux", "resources/css/component/component.css", "css/component/component.css"],
    ["krds-uiux", "resources/fonts", "fonts"],
    ["krds-uiux", "resources/img", "img"],
    ["krds-uiux", "README.md", "README.md"], // names the terms of use; the package has no licence file
  ],
  htmx: [
    ["htmx.org", "dist/htmx.min.js", "htmx.min.js"],
    ["htmx.org", "LICENSE", "LICENSE"],
  ],
  sigma: [
    ["sigma", "dist/sigma.min.js", "sigma.min.js"],
    ["sigma", "LICENSE.txt", "LICENSE.txt"],
  ],
  graphology: [
    ["graphology", "dist/graphology.umd.min.js", "graphology.min.js"],
    ["graphology", "LICENSE.txt", "LICENSE.txt"],
  ],
  echarts: [
    ["echarts", "dist/echarts.min.js", "echarts.min.js"],
    ["echarts", "LICENSE", "LICENSE"],
    ["echarts", "NOTICE", "NOTICE"],
    ["zrender", "LICENSE", "LICENSE.zrender"],
  ],
};

async function wanted() {
  const hash = createHash("sha256").update(await readFile(fileURLToPath(import.meta.url)));
  for (const name of new Set(Object.values(parts).flat().map(([from]) => from))) {
    hash.update(name + JSON.parse(await readFile(join(modules, name, "package.json"), "utf8")).version);
  }
  return hash.digest("hex");
}

// The style sheets name source maps that we do not ship, and krds-uiux 1.1.0 writes "img/img/" for its
// own "img/" in component.css: browsers would ask for both in vain.
async function mended(folder) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(css|js)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "utf8");
    const rest = text
      .replace(/\n?\/[*/]# sourceMappingURL=[^\n]*/g, "")
      .replaceAll("url(../../img/img/", "url(../../img/");
    if (rest !== text) await writeFile(path, rest);
  }
}

async function copyAll(stamp) {
  const fresh = `${target}.new`;
  await rm(fresh, { recursive: true, force: true });
  for (const [folder, entries] of Object.entries(parts)) {
    for (const [name, from, to] of entries) {
      const path = join(fresh, folder, to);
      await mkdir(dirname(path), { recursive: true });
      await cp(join(modules, name, from), path, { recursive: true });
    }
  }
  await mended(fresh);
  await writeFile(join(fresh, "stamp"), stamp);
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

const stamp = await wanted();
const found = await readFile(join(target, "stamp"), "utf8").catch(() => "");
if (found !== stamp) await copyAll(stamp);
