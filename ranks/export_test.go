package ranks

// CheckSize is checkSize, for the tests outside of the package.
var CheckSize = checkSize
