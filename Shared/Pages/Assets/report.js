// The report form: photos made small before they travel, a real progress bar, one ticket per form, and a draft that outlives a dead network.
(function () {
  'use strict';
  var form = document.querySelector('form[data-report]');
  if (!form || !window.FormData || !window.XMLHttpRequest) return;
  var words = form.dataset;
  var draftName = 'shao.draft.' + location.pathname, phoneName = 'shao.phone';
  var previews = form.querySelector('.previews'), status = form.querySelector('.status'), bar = form.querySelector('progress');
  var button = form.querySelector('.send button'), buttonWords = button.textContent;
  var photos = [], sending = false, sent = false, shrinking = 0;
  // The report that was joined by the button pressed last, and by what could not be sent: sending that again joins it again.
  var pressed = '', joined = '', unsent = false;
  var longest = 1600, most = 3;

  function store(name, value) {
    try { if (value === null) localStorage.removeItem(name); else localStorage.setItem(name, value); return true; } catch (e) { return false; }
  }
  function stored(name) { try { return localStorage.getItem(name); } catch (e) { return null; } }

  // Drawing on a canvas also drops what the camera wrote into the file: place, time, device.
  function picture(file) {
    if (!window.createImageBitmap) return Promise.reject(new Error('no decoder'));
    return createImageBitmap(file).then(function (image) {
      var scale = Math.min(1, longest / Math.max(image.width, image.height));
      var canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(image.width * scale));
      canvas.height = Math.max(1, Math.round(image.height * scale));
      var context = canvas.getContext('2d');
      // A JPEG knows no transparency: what shines through a screenshot would turn black, and dark words with it.
      context.fillStyle = '#fff';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return new Promise(function (done, failed) {
        canvas.toBlob(function (blob) { if (blob) done({ blob: blob, canvas: canvas }); else failed(new Error('no jpeg')); }, 'image/jpeg', 0.82);
      });
    });
  }

  function add(photo) {
    var entry = document.createElement('li'), remove = document.createElement('button');
    remove.type = 'button'; remove.className = 'button'; remove.textContent = words.remove;
    if (photo.canvas) {
      photo.canvas.setAttribute('role', 'img');
      photo.canvas.setAttribute('aria-label', words.photo + ' ' + (photos.length + 1));
      entry.appendChild(photo.canvas);
    } else { entry.appendChild(document.createTextNode(photo.blob.name || words.photo)); }
    entry.appendChild(remove);
    photos.push(photo);
    previews.appendChild(entry);
    remove.addEventListener('click', function () {
      photos.splice(photos.indexOf(photo), 1);
      previews.removeChild(entry);
      keep();
      form.querySelector('input[type=file]').focus();
    });
  }

  form.querySelectorAll('input[type=file]').forEach(function (input) {
    input.addEventListener('change', function () {
      var files = [].slice.call(input.files).slice(0, Math.max(0, most - photos.length));
      input.value = '';
      files.forEach(function (file) {
        shrinking += 1;
        picture(file).catch(function () { return { blob: file, canvas: null }; }).then(function (photo) {
          shrinking -= 1;
          add(photo);
          say(words.added);
          keep();
        });
      });
    });
  });

  function say(text) { status.textContent = text; }

  function values() {
    var chosen = form.querySelector('[name=category]:checked');
    return { key: form.elements.key.value, category: chosen ? chosen.value : '', text: form.elements.text.value, elsewhere: form.elements.elsewhere.value, also: unsent ? joined : '' };
  }
  // Photos are kept only after a failed sending: a draft of words is enough before that, and storage is small.
  function keep(withPhotos) {
    var draft = values();
    if (withPhotos) draft.photos = photos.map(function (photo) { return photo.canvas ? photo.canvas.toDataURL('image/jpeg', 0.7) : null; }).filter(Boolean);
    if (!store(draftName, JSON.stringify(draft)) && withPhotos) { delete draft.photos; store(draftName, JSON.stringify(draft)); }
  }
  function restore() {
    var draft = null;
    try { draft = JSON.parse(stored(draftName)); } catch (e) { return; }
    // What the server sent back after an error is newer than any draft.
    if (!draft || typeof draft !== 'object' || document.querySelector('.errors')) return;
    if (!draft.photos && !draft.text && !draft.elsewhere) return;
    if (draft.photos && typeof draft.key === 'string' && draft.key) form.elements.key.value = draft.key;
    form.elements.text.value = String(draft.text || '');
    form.elements.elsewhere.value = String(draft.elsewhere || '');
    form.querySelectorAll('[name=category]').forEach(function (chip) { if (chip.value === draft.category) chip.checked = true; });
    form.querySelectorAll('details').forEach(function (fold) {
      if ([].some.call(fold.querySelectorAll('input, textarea'), function (field) { return field.value; })) fold.open = true;
    });
    (draft.photos || []).forEach(function (address) {
      var raw = atob(address.slice(address.indexOf(',') + 1)), bytes = new Uint8Array(raw.length);
      for (var i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
      picture(new Blob([bytes], { type: 'image/jpeg' })).then(add);
    });
    if (draft.photos) {
      unsent = true; joined = typeof draft.also === 'string' ? draft.also : '';
      button.textContent = words.again; say(words.unsent);
    }
  }

  function free(text) {
    sending = false;
    form.removeAttribute('aria-busy');
    button.removeAttribute('aria-disabled');
    button.textContent = buttonWords;
    bar.hidden = true;
    say(text);
  }
  function lost() {
    unsent = true;
    keep(true);
    free(words.lost);
    button.textContent = words.again;
  }

  // Refused as a whole, by this page's service or by something before it: what was typed stays, with the reason above it.
  function refused(page) {
    unsent = false;
    var box = document.createElement('div'), title = document.createElement('h2'), reason = document.createElement('p');
    var head = page.querySelector('main h1, h1'), why = page.querySelector('main h1 + p, h1 + p');
    box.className = 'errors'; box.tabIndex = -1;
    box.setAttribute('role', 'alert');
    title.textContent = head ? head.textContent : words.refused;
    reason.textContent = (why ? why.textContent + ' ' : '') + words.kept;
    box.appendChild(title); box.appendChild(reason);
    showErrors(box);
    keep(true);
    free('');
  }
  function showErrors(box) {
    document.querySelectorAll('.errors').forEach(function (old) { old.remove(); });
    document.querySelector('main').prepend(box);
    box.focus();
  }

  // The same address answers with the result page, or with this page and its errors.
  function answered(request) {
    if (request.status >= 200 && request.status < 300 && request.responseURL && request.responseURL !== location.href) {
      store(draftName, null);
      sent = true;
      location.assign(request.responseURL);
      return;
    }
    var page = new DOMParser().parseFromString(request.responseText || '', 'text/html');
    var errors = page.querySelector('.errors');
    // A page with errors says itself what to do, also where it comes with 429 or 503.
    if (!errors && (request.status >= 500 || request.status === 429 || request.status === 408 || request.status === 0)) { lost(); return; }
    if (!errors) { refused(page); return; }
    unsent = false;
    // A form that was sent before gets a new key with its errors.
    var key = page.querySelector('form[data-report] [name=key]');
    if (key) form.elements.key.value = key.value;
    document.title = page.title;
    showErrors(errors);
    keep();
    free('');
  }

  form.addEventListener('submit', function (event) {
    event.preventDefault();
    var also = pressed || (unsent ? joined : '');
    pressed = '';
    if (sending) return;
    if (shrinking) { say(words.wait); return; }
    joined = also;
    sending = true;
    store(phoneName, form.elements.phone.value || null);
    var body = new FormData(form);
    body.delete('photo');
    // A form's data leaves out which button was pressed.
    if (also) body.set('also', also);
    photos.forEach(function (photo, i) { body.append('photo', photo.blob, photo.canvas ? 'photo-' + (i + 1) + '.jpg' : photo.blob.name || 'photo'); });
    form.setAttribute('aria-busy', 'true');
    button.setAttribute('aria-disabled', 'true');
    button.textContent = words.sending;
    bar.hidden = false; bar.value = 0; say('');
    var request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.setRequestHeader('Accept', 'text/html');
    request.timeout = 120000;
    request.upload.onprogress = function (progress) { if (progress.lengthComputable) bar.value = progress.loaded / progress.total; };
    request.onload = function () { answered(request); };
    request.onerror = request.ontimeout = request.onabort = lost;
    request.send(body);
  });
  document.querySelectorAll('button[name=also]').forEach(function (join) {
    join.addEventListener('click', function () { pressed = join.value; });
  });
  form.addEventListener('input', function (event) { if (event.target.type !== 'file') keep(); });

  // Coming back to a page that was sent: a fresh one, or the next report would count as the last one sent again.
  window.addEventListener('pageshow', function (event) { if (event.persisted && sent) location.reload(); });

  if (!form.elements.phone.value) form.elements.phone.value = stored(phoneName) || '';
  restore();
})();
