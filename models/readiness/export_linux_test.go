package readiness

// SelectModel is Select with another limit.
var SelectModel = selectModel
