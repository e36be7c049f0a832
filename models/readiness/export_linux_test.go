package models

// SelectModel is Select with another limit.
var SelectModel = selectModel
