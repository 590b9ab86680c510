import Pages

extension Text {
    static let reportAt = Text("上报：", "Report: ")
    static let youAreAt = Text("您在", "You are at")
    static let plate = Text("牌号", "Plate")
    static let photoOfSpot = Text("这个位置的照片", "Photo of this spot")
    static let takePhoto = Text("拍照", "Take a photo")
    static let fromAlbum = Text("从相册选", "Choose from album")
    static let photoChosen = Text("已选好", "Chosen")
    static let chosenPhotos = Text("已选的照片", "Chosen photos")
    static let photo = Text("照片", "Photo")
    static let photoAdded = Text("照片已加上", "Photo added")
    static let photoWait = Text("照片还在处理，请稍等一下再提交", "Still preparing the photo, please try again in a moment")
    static let remove = Text("去掉", "Remove")
    static let sending = Text("正在提交…", "Sending…")
    static let networkLost = Text(
        "没有发出去，内容已存在这部手机上。有网络时请点「重新发送」，不会重复。", "Not sent. It is kept on this phone; press Send again, it will not count twice.")
    static let notTaken = Text("这次没有提交成功", "It was not taken")
    static let typedIsKept = Text("填写的内容都还在，请改好后再提交。", "Everything you typed is still here: change it and send again.")
    static let sendAgain = Text("重新发送", "Send again")
    static let unsentDraft = Text("上次没有发出去的内容还在", "Your unsent report is still here")
    static let notHere = Text("不是这里？", "Not here?")
    static let privacy = Text(
        "提交后照片里的位置和机型信息会被删除。不需要注册，也不需要关注公众号。", "Place and device data are removed from photos. No account needed.")
    static func alreadyReported(_ label: String, ago: Text) -> Text {
        Text("这里 \(ago.chinese)有人报过「\(label)」", "Reported here \(ago.english): \(label)")
    }
    static let unknownPlate = Text("没有找到这块牌子", "We do not know this plate")
    static let youAskedFor = Text("您打开的牌号是", "You opened plate")
    static let whyUnknown = Text("可能是牌子破损、输入有误，或者它已经停用。", "It may be damaged, mistyped, or no longer in use.")
    static let retiredPlate = Text("这块牌子已经停用", "This plate is no longer in use")
    static let retiredWas = Text("它原来的编号和位置：", "Its code and place were")
    static let nothingTaken = Text("您刚才填写的内容没有提交。", "What you have just sent was not taken.")
    static let unsentWords = Text("您写的是：", "You wrote:")
    static let enterAnother = Text("在首页输入另一块牌子的编号上报", "Enter another plate's code on the first page")
    static let whatToDo = Text("您可以", "What you can do")
    static let scanAgain = Text("擦干净二维码，再扫一次", "Wipe the code and scan it again")
    static let nearestPlate = Text("扫附近的另一块牌子，在「不是这里？」里写明位置", "Scan another plate nearby and say under “Not here?” where it is")
    static let warnForged = Text(
        "如果牌子像是被贴过一层，请不要在别的网站填写信息，打 12345 告诉我们", "If a sticker covers the plate, enter nothing elsewhere and call 12345")

    static let photoTooLarge = Text("照片要小于 12 MB，请重新拍一张或从相册选一张小的", "Photos must be under 12 MB; take another or choose a smaller one")
    static let photoUnreadable = Text("这个文件不是能打开的照片，请换一张", "This file is not a photo we can open; choose another")
    static let photosNotTaken = Text(
        "照片暂时无法接收，请去掉照片，用文字说明后提交", "Photos cannot be taken right now; please remove them and describe it in words")
    static let photosLater = Text(
        "现在处理的照片太多，请过一会儿再提交，或去掉照片先提交", "Too many photos right now; send again in a little while, or without photos")
    static let tooManyPhotos = Text("最多三张照片，请去掉几张再提交", "Three photos at most; remove some and send again")
    static let sentBefore = Text(
        "这一页已经提交过一次。如果是另一件事，请再点一次「提交」", "This page was sent before. If this is another matter, press Submit again")
    static let placeUnknown = Text("没有标明地点", "No place given")
    static let pointOnMap = Text("地图上标的位置", "A point on the map")
    static let formUnreadable = Text(
        "有一部分内容没有读出来。请核对下面已填的内容，补上后再提交", "Part of this could not be read. Check what is below, complete it and send again")
    static let tryAgainSoon = Text(
        "现在提交的人太多。内容都在下面，请过几秒再点一次「提交」", "Too busy just now. Everything is still here: press Submit again in a few seconds")
    static let notClassed = Text("还没有归类的问题", "a problem not classed yet")
}
