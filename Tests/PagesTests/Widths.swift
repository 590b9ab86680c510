extension Browser {
    /// Whether all of each page fits into the width. Arguments after the usual two: width in px, paths.
    static let widths = #"""
        import assert from 'node:assert/strict';
        const [checks, site, width, ...paths] = process.argv.slice(2);
        const { chromium } = await import(checks + '/node_modules/playwright-core/index.mjs');
        const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
        try {
          const page = await browser.newPage({ viewport: { width: Number(width), height: 640 }, locale: 'zh-CN' });
          const wide = [];
          for (const path of paths) {
            const answer = await page.goto(site + '/' + path);
            assert.equal(answer.status(), 200, path);
            const found = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            if (found[0] > found[1] + 1) wide.push([path, ...found]);
          }
          assert.deepEqual(wide, []);
        } finally { await browser.close(); }
        """#
}
