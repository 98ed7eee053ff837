package ranks

var CheckSize = checkSize
